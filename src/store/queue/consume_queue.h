#pragma once
// One queue of one topic: where its messages are in the log. Format: docs/formats/consume-queue.md.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "base/strong_int.h"

namespace ogive::store {

/// One entry of a queue: 20 bytes on disk.
struct QueueEntry {
  static constexpr std::size_t kBytes = 20;
  /// Size field of the filler in front of a queue whose first file does not begin with its first message.
  static constexpr std::int32_t kFillerSize = 0x7fffffff;

  std::int64_t physical_offset = 0;
  std::int32_t size = 0;
  std::int64_t tags_code = 0;

  void encode(std::byte* out) const;
  static QueueEntry decode(const std::byte* from);
  bool is_filler() const { return physical_offset == 0 && size == kFillerSize && tags_code == 0; }
  /// Neither a hole of zeros nor garbage; fillers count.
  bool is_set() const { return physical_offset >= 0 && size > 0; }
};

/// Where a queue's files are; positions in bytes of the queue's address space, entry n being at n * 20.
struct QueueFileSpan {
  std::int64_t begin = 0;
  std::int64_t end = 0;  ///< Behind the last file; begin == end: no files.
};

/// The first part is the broker's business, the rest belongs to the store. The entries that are not yet in the queue's
/// files, and those whose records are still in the log's tail cache, are in memory in the files' form.
class ConsumeQueue {
 public:
  ConsumeQueue(std::string topic, QueueId id) : topic_(std::move(topic)), id_(id) {}
  ConsumeQueue(const ConsumeQueue&) = delete;
  ConsumeQueue& operator=(const ConsumeQueue&) = delete;

  const std::string& topic() const { return topic_; }
  QueueId id() const { return id_; }
  /// First and one-past-last offset that can be read. Any thread. A parked poll's check must be: raise parked_polls,
  /// then look at max_offset (the append path publishes the offset, then looks at parked_polls).
  QueueOffset min_offset() const { return QueueOffset(min_.load(std::memory_order_acquire)); }
  QueueOffset max_offset() const { return QueueOffset(max_.load(std::memory_order_seq_cst)); }

  /// How many parked long polls wait for this queue: the append path notifies only when it is not zero. Owned by the
  /// broker, kept here so that the check costs nothing.
  std::atomic<std::uint32_t> parked_polls{0};

  // ---- The store's part ----

  /// Offset the next record gets. Guarded by the append section.
  std::int64_t next_offset = 0;

  using Lock = std::unique_lock<std::mutex>;
  Lock lock() const { return Lock(mutex_); }

  /// Adds the entry of `offset`, which must be the next one; an entry of a record from before the last reset is
  /// dropped. Returns false when it was not taken.
  bool push(const Lock&, std::int64_t offset, const QueueEntry& entry);
  /// Makes pushed entries visible. True when the queue had been clean: it must be given to the persister.
  bool publish(const Lock&);

  /// Copies up to `count` entries from `offset` on if they are in memory; returns how many (0: look in the files).
  std::size_t copy_tail(std::int64_t offset, std::size_t count, std::byte* out) const;

  /// Entries not yet in files, at most `max_bytes` of them; `first` is the offset of the first. Background only.
  std::vector<std::byte> unpersisted(std::size_t max_bytes, std::int64_t& first) const;
  /// Entries before `offset` are in files; those whose record lies before `cache_begin` are dropped from memory.
  void set_persisted(std::int64_t offset, std::int64_t cache_begin);
  /// Drops persisted entries whose record lies before `cache_begin`; returns the bytes still held.
  std::size_t trim(std::int64_t cache_begin);
  /// Starts a round: entries pushed from now on make the queue dirty again.
  void clear_dirty();

  /// Sets the bounds found in files, with nothing in memory. Recovery only.
  void load(std::int64_t min, std::int64_t end, QueueFileSpan files);
  void set_min(std::int64_t min) { min_.store(min, std::memory_order_release); }
  /// Begins anew at `offset`, without files or entries; entries of records before `fence` that are still on their way
  /// are dropped. For delete_topic (offset 0) and repair.
  void reset(std::int64_t offset, std::int64_t fence);

  QueueFileSpan files() const;
  void set_files(QueueFileSpan files);
  /// In the table's listing; cleared when the topic is deleted, set when the queue is asked for again.
  std::atomic<bool> listed{true};

 private:
  std::size_t tail_bytes() const { return tail_.size() - head_; }
  std::size_t trim_locked(std::int64_t cache_begin);

  const std::string topic_;
  const QueueId id_;
  std::atomic<std::int64_t> min_{0};
  std::atomic<std::int64_t> max_{0};

  mutable std::mutex mutex_;
  std::vector<std::byte> tail_;  ///< Encoded entries; the first head_ bytes are dropped already.
  std::size_t head_ = 0;
  std::int64_t tail_first_ = 0;  ///< Offset of the entry at head_.
  std::int64_t pushed_ = 0;      ///< One past the last entry pushed.
  std::int64_t persisted_ = 0;   ///< Entries before it are in files.
  std::int64_t fence_ = 0;
  bool dirty_ = false;
  QueueFileSpan files_;
};

}  // namespace ogive::store
