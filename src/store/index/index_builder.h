#pragma once
// Follows the log in the background and adds every record's keys to the index.

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "base/error.h"
#include "io/executor.h"
#include "store/index/message_index.h"
#include "store/log/segment.h"
#include "store/log/tail_cache.h"
#include "store/task_gate.h"
#include "store/watermark.h"

namespace ogive::store {

/// Nothing of it is on the append path but note_appended(). Thread-safe.
class IndexBuilder {
 public:
  IndexBuilder(io::Executor& background, MessageIndex& index, const SegmentList& segments, const TailCache& cache,
               const Watermark& appended);

  /// Opens the index in the background and catches up with the log. At start, once.
  void start(const IndexTrust& trust);
  void stop() { gate_.close(); }
  /// Something was appended. Cheap: work is looked for every kInterval while anything comes.
  void note_appended() {
    if (!armed_.load(std::memory_order_relaxed)) arm();
  }

  /// Works on the calling thread until everything before `offset` is in the index, or `max_bytes` of the log are read.
  Status catch_up(std::int64_t offset, std::int64_t max_bytes);
  /// Everything before it is in the index; -1 while that is not known yet.
  std::int64_t position() const { return position_.load(std::memory_order_acquire); }

  /// Makes the index durable. The offset before which it then is, and the store time of its newest record.
  struct Safe {
    std::int64_t offset = -1;
    std::int64_t store_time_ms = 0;
  };
  Result<Safe> sync();
  /// Records before `offset` are about to be removed from the log.
  Status trim(std::int64_t offset);

 private:
  static constexpr Milliseconds kInterval{50};
  static constexpr Milliseconds kRetryDelay{1000};
  static constexpr std::int64_t kBytesPerSlice = 1 << 20;

  void arm();
  void run();
  Status open_if_needed();
  Status work(std::int64_t end, std::int64_t max_bytes);
  /// Adds records from `position` on, at least one unless there is none; where the next is.
  Result<std::int64_t> step(std::int64_t position, std::int64_t end);
  /// A copy of the log from `offset` on, at most `wanted` bytes.
  Result<ByteView> bytes_at(std::int64_t offset, std::int64_t end, std::size_t wanted);
  /// Adds the whole records in `bytes`; where the next one begins.
  Result<std::int64_t> add_records(ByteView bytes, std::int64_t offset);

  io::Executor& background_;
  MessageIndex& index_;
  const SegmentList& segments_;
  const TailCache& cache_;
  const Watermark& appended_;

  std::atomic<bool> armed_{false};
  std::atomic<std::int64_t> position_{-1};
  std::mutex mutex_;  ///< One thread works.
  std::optional<IndexTrust> trust_;
  bool failed_ = false;  ///< A sync failed: the index is no longer said to be durable.
  bool complained_ = false;
  std::vector<std::byte> buffer_;
  std::vector<IndexKey> keys_;
  TaskGate gate_;
};

}  // namespace ogive::store
