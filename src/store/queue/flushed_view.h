#pragma once
// Keeps queue entries out of consumers' sight until their records are on the device (readFlushedOnly).

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "base/error.h"
#include "store/queue/consume_queue.h"

namespace ogive::store {

/// What was pushed into queues and may not be seen yet, in log order. note() and seal() belong to the log's writer
/// role, show() to whoever flushes (one at a time), the rest to any thread.
class FlushedView {
 public:
  /// More entries than this wait only when the device has stopped: then appends are refused.
  static constexpr std::size_t kMaxWaiting = 1u << 20;
  using Shown = std::function<void(ConsumeQueue&)>;

  /// `shown` hears of every queue that has new visible messages, on the thread of show().
  explicit FlushedView(Shown shown) : shown_(std::move(shown)) {}

  /// `queue` was pushed up to `ends`; the last of these records ends before `record_end` in the log.
  void note(ConsumeQueue& queue, const ConsumeQueue::Ends& ends, std::int64_t record_end) {
    noted_.push_back({&queue, ends, record_end});
  }
  /// What was noted waits from now on; called before the appended mark covers it.
  void seal();
  /// Everything before `flushed` is on the device.
  void show(std::int64_t flushed);
  /// kLimit while too much waits.
  Status admit() const;

 private:
  struct Waiting {
    ConsumeQueue* queue;
    ConsumeQueue::Ends ends;
    std::int64_t record_end;
  };

  const Shown shown_;
  std::vector<Waiting> noted_;  ///< The writer role's own.
  mutable std::mutex mutex_;
  std::deque<Waiting> waiting_;
};

}  // namespace ogive::store
