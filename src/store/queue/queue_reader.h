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

 private:
  /// How far one read looks for messages its filter lets through.
  static constexpr std::int64_t kMaxScanned = 4096;
  static constexpr std::size_t kEntriesAtOnce = 64;

  struct Scan;
  void take(Scan& scan, const QueueEntry& entry) const;
  /// Entries from `offset` on into `out`; 0 with `would_block` when only the files have them.
  Result<std::size_t> lookup(const ConsumeQueue& queue, std::int64_t offset, std::int64_t end, bool memory_only,
                             std::span<std::byte> out, bool& would_block) const;
  ReadResult finish(Scan& scan) const;

  LogReader& log_;
  QueueFiles& files_;
  const SegmentList& segments_;
};

}  // namespace ogive::store
