#pragma once
// Answers "messages of this queue from this offset on": looks entries up, filters, gathers the records.

#include <cstdint>
#include <span>
#include <vector>

#include "store/log/log_reader.h"
#include "store/message_store.h"
#include "store/queue/consume_queue.h"
#include "store/queue/queue_files.h"

namespace ogive::store {

/// Thread-safe.
class QueueReader {
 public:
  QueueReader(LogReader& log, QueueFiles& files, const SegmentList& segments)
      : log_(log), files_(files), segments_(segments) {}

  /// See MessageStore::read.
  ReadResult read(ConsumeQueue& queue, const ReadRequest& request) const;
  /// The entry at `offset`; kNotFound outside the queue. Blocking.
  Result<QueueEntry> entry(const ConsumeQueue& queue, std::int64_t offset) const;
  /// See MessageStore::offset_by_time.
  Result<QueueOffset> offset_by_time(const ConsumeQueue& queue, std::int64_t timestamp_ms, bool upper) const;

  /// The first entry whose record lies at or behind `physical_offset`; the queue's end without one. Blocking.
  struct First {
    std::int64_t offset = 0;
    std::int64_t place = 0;
    std::int64_t record = INT64_MAX;
  };
  Result<First> first_behind(const ConsumeQueue& queue, std::int64_t physical_offset) const;

 private:
  /// How far one read looks for messages its filter lets through.
  static constexpr std::int64_t kMaxScanned = 4096;
  static constexpr std::size_t kEntriesAtOnce = 64;
  static constexpr std::size_t kFillersAtOnce = 4096;

  struct Scan;
  Status fill(Scan& scan, std::int64_t max) const;
  void take(Scan& scan, const PlacedEntry& entry) const;
  /// Before `place` ends what comes before `offset`: an entry changed by damage could have led the search past it.
  Status check_gap(const ConsumeQueue& queue, std::int64_t place, std::int64_t offset) const;
  /// Place of the entry that holds `offset`, which is within the queue's bounds.
  Result<std::int64_t> place_of(const ConsumeQueue& queue, std::int64_t offset, bool wait, bool& would_block) const;
  Result<BatchEntry> entry_at(const ConsumeQueue& queue, std::int64_t place) const;
  /// The first place from `place` on that has no filler; the queue's end when there is none.
  Result<std::int64_t> behind_fillers(const ConsumeQueue& queue, std::int64_t place) const;
  /// Entries from `place` on, before `end`, into `out`; 0 with `would_block` when there is none without waiting, which
  /// was not to be done. Sets `from_files` when they came from there.
  Result<std::size_t> lookup(const ConsumeQueue& queue, std::int64_t place, std::int64_t end, bool wait,
                             std::span<std::byte> out, bool& would_block, bool& from_files) const;
  ReadResult finish(Scan& scan) const;

  LogReader& log_;
  QueueFiles& files_;
  const SegmentList& segments_;
};

}  // namespace ogive::store
