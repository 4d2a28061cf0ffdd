#pragma once
// One queue of one topic: where its messages are in the log. Format: docs/formats/consume-queue.md.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
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

/// One entry of a batch queue: 46 bytes on disk, of which the first 20 are those of a QueueEntry. Format:
/// docs/formats/batch-consume-queue.md.
struct BatchEntry : QueueEntry {
  static constexpr std::size_t kBytes = 46;

  std::int64_t store_time_ms = 0;
  std::int64_t base = 0;   ///< Queue offset of its first message.
  std::int32_t count = 1;  ///< Messages in it.

  void encode(std::byte* out) const;
  static BatchEntry decode(const std::byte* from);
};

/// How a queue's entries relate to its messages.
enum class QueueKind : std::uint8_t {
  kSimple,  ///< One entry each: the entry's place is the queue offset.
  kBatch,   ///< One entry per stored record, which may hold several messages.
};

/// An entry and the offset it was found at.
struct PlacedEntry : QueueEntry {
  std::int64_t queue_offset = 0;
  std::int32_t count = 1;  ///< Messages, from that offset on.
};

/// Where a queue's files are; positions in bytes of the queue's address space, the entry at place n being at n times
/// its size.
struct QueueFileSpan {
  std::int64_t begin = 0;
  std::int64_t end = 0;  ///< Behind the last file; begin == end: no files.
};

/// The first part is the broker's business, the rest belongs to the store. The entries that are not yet in the queue's
/// files, and those whose records are still in the log's tail cache, are in memory in the files' form. *Offsets* count
/// messages, *places* count entries; in a simple queue they are the same. What an append touches lies together: with
/// very many queues every line of it is a miss of the cache.
class alignas(64) ConsumeQueue {
 public:
  ConsumeQueue(std::string topic, QueueId id, QueueKind kind = QueueKind::kSimple)
      : kind_(kind), topic_(std::move(topic)), id_(id) {}
  ConsumeQueue(const ConsumeQueue&) = delete;
  ConsumeQueue& operator=(const ConsumeQueue&) = delete;

  const std::string& topic() const { return topic_; }
  QueueId id() const { return id_; }
  QueueKind kind() const { return kind_; }
  std::size_t entry_bytes() const { return kind_ == QueueKind::kBatch ? BatchEntry::kBytes : QueueEntry::kBytes; }
  /// First and one-past-last offset that can be read. Any thread. A parked poll's check must be: raise parked_polls,
  /// then look at max_offset (the append path publishes the offset, then looks at parked_polls).
  QueueOffset min_offset() const { return QueueOffset(min_.load(std::memory_order_acquire)); }
  QueueOffset max_offset() const { return QueueOffset(max_.load(std::memory_order_seq_cst)); }

 private:
  mutable std::mutex mutex_;
  std::vector<std::byte> tail_;  ///< Encoded entries in [head_, tail_end_); room for more behind them.
  std::size_t tail_end_ = 0;
  std::atomic<const std::byte*> next_entry_{nullptr};  ///< In tail_, or was there: to be prefetched only.
  std::int64_t pushed_ = 0;                            ///< Behind the place of the last entry pushed.
  std::int64_t pushed_end_ = 0;                        ///< Behind the offset of the last message pushed.
  std::int64_t persisted_ = 0;                         ///< Entries before this place are in files.
  std::int64_t fence_ = 0;
  std::atomic<std::int64_t> published_{0};  ///< Behind the last visible place.
  std::atomic<std::int64_t> max_{0};
  std::atomic<std::int64_t> min_record_{INT64_MAX};
  bool dirty_ = false;
  const QueueKind kind_;

 public:
  /// How many parked long polls wait for this queue: the append path notifies only when it is not zero. Owned by the
  /// broker, kept here so that the check costs nothing.
  std::atomic<std::uint32_t> parked_polls{0};

  // ---- The store's part ----

  /// Offset the next record gets. Guarded by the append section.
  std::int64_t next_offset = 0;
  /// Has the lines above on their way into the cache for an append soon.
  void prefetch() const {
    constexpr std::size_t kLines = 3;
    for (std::size_t line = 0; line < kLines; ++line) {
      __builtin_prefetch(reinterpret_cast<const char*>(this) + 64 * line, 1);
    }
  }
  /// The same for where its next entry goes.
  void prefetch_entry() const { __builtin_prefetch(next_entry_.load(std::memory_order_relaxed), 1); }

  using Lock = std::unique_lock<std::mutex>;
  Lock lock() const { return Lock(mutex_); }

  /// Adds the entry of the `count` messages from `offset` on, which must be the next; an entry of a record from before
  /// the last reset is dropped. Returns false when it was not taken. `count` and `store_time_ms` are for batch queues.
  bool push(const Lock&, std::int64_t offset, const QueueEntry& entry, std::int32_t count = 1,
            std::int64_t store_time_ms = 0);
  /// Adds entries in the files' form, which go on where the queue ends. Recovery only, with nothing in memory.
  void push_encoded(const Lock&, std::span<const std::byte> entries);
  /// Lets the next message be the one of `offset` (batch queues only: their entries carry their offsets).
  void skip_to(const Lock&, std::int64_t offset) { pushed_end_ = offset; }
  /// Makes everything pushed visible, and note_dirty().
  bool publish(const Lock&);
  /// True when the queue had been clean and has entries that its files lack: it must be given to the persister.
  bool note_dirty(const Lock&);
  /// How far the queue was pushed.
  struct Ends {
    std::int64_t offset = 0;
    std::int64_t place = 0;
  };
  Ends pushed(const Lock&) const { return {pushed_end_, pushed_}; }
  /// Makes what was pushed up to `ends` visible, unless the queue has begun anew since: the last of these records ends
  /// before `record_end` in the log.
  void show(const Lock&, const Ends& ends, std::int64_t record_end);
  /// Messages were pushed that cannot be seen yet.
  bool has_hidden() const;

  /// Copies up to `count` entries from `place` on if they are in memory; returns how many (0: look in the files).
  std::size_t copy_tail(std::int64_t place, std::size_t count, std::byte* out) const;
  /// Places of the first entry whose record is in the log, and behind the last visible one.
  std::int64_t min_place() const {
    return kind_ == QueueKind::kSimple ? min_offset().value() : min_place_.load(std::memory_order_acquire);
  }
  /// Physical offset of the first entry's record; INT64_MAX in an empty queue.
  std::int64_t min_record() const { return min_record_.load(std::memory_order_acquire); }
  std::int64_t end_place() const { return published_.load(std::memory_order_acquire); }

  /// Entries not yet in files, at most `max_bytes` of them, of records that end before `record_end`; `first` is the
  /// place of the first. Background only.
  std::vector<std::byte> unpersisted(std::size_t max_bytes, std::int64_t record_end, std::int64_t& first) const;
  /// Entries before `place` are in files; those whose record lies before `cache_begin` are dropped from memory.
  void set_persisted(std::int64_t place, std::int64_t cache_begin);
  /// Drops persisted entries whose record lies before `cache_begin`; returns the bytes still held.
  std::size_t trim(std::int64_t cache_begin);
  /// Entries before this place are in the queue's files.
  std::int64_t persisted() const;
  /// Starts a round: entries pushed from now on make the queue dirty again.
  void clear_dirty();

  /// Bounds found in files.
  struct Extent {
    std::int64_t min_offset = 0, end_offset = 0;
    std::int64_t min_place = 0, end_place = 0;
    std::int64_t min_record = INT64_MAX;
  };
  /// Sets them, with nothing in memory. Recovery only.
  void load(const Extent& extent, QueueFileSpan files);
  /// The first message whose record is still in the log. It only grows.
  void set_min(std::int64_t offset, std::int64_t place, std::int64_t record);
  /// Begins anew at `offset`, without files or entries; entries of records before `fence` that are still on their way
  /// are dropped. For delete_topic (offset 0) and repair.
  void reset(std::int64_t offset, std::int64_t fence);

  QueueFileSpan files() const;
  void set_files(QueueFileSpan files);
  /// The bounds of what is in the files; as load() takes them.
  Extent in_files() const;
  /// In the table's listing; cleared when the topic is deleted, set when the queue is asked for again.
  std::atomic<bool> listed{true};

 private:
  std::size_t tail_bytes() const { return tail_end_ - head_; }
  /// Where the next entry is encoded.
  std::byte* grow_tail();
  void drop_tail();
  std::size_t trim_locked(std::int64_t cache_begin);

  const std::string topic_;
  const QueueId id_;
  std::atomic<std::int64_t> min_{0};
  std::atomic<std::int64_t> min_place_{0};  ///< Of a batch queue.
  std::size_t head_ = 0;                    ///< What lies before it in tail_ is dropped already.
  std::int64_t tail_first_ = 0;             ///< Place of the entry at head_.
  QueueFileSpan files_;
};

}  // namespace ogive::store
