#pragma once
// Reads records at known places: from the tail cache where they are still there, else from the segment files.

#include <cstdint>
#include <span>
#include <vector>

#include "base/error.h"
#include "io/out_buffer.h"
#include "message/record.h"
#include "store/log/segment.h"
#include "store/log/tail_cache.h"
#include "store/queue/consume_queue.h"

namespace ogive::store {

/// Thread-safe. Blocking unless said otherwise.
class LogReader {
 public:
  LogReader(const SegmentList& segments, const TailCache& cache, bool verify_property_crc = false)
      : segments_(segments), cache_(cache), verify_property_crc_(verify_property_crc) {}

  /// Fills `out` (empty before) with the records of `entries` (ascending) as views of memory; false, and `out` empty,
  /// when one is no longer there. Does not block.
  bool share(std::span<const PlacedEntry> entries, io::OutBuffer& out) const;

  /// The same from the files, neighbours read together. Every record is checked: that it is whole, unchanged (body CRC)
  /// and the one of `queue` at the entry's offset. Returns how many from the first on are; kCorrupt when it is none.
  /// With `wait` false it does not block, and fails with kWouldBlock, whatever is in `out`, when the operating system
  /// does not have all of it in memory, or when there is much to be read through.
  Result<std::size_t> read(const ConsumeQueue& queue, std::span<const PlacedEntry> entries, io::OutBuffer& out,
                           bool wait = true) const;

  /// Copies exactly `out.size()` bytes from `offset` on, which must lie in one segment. kNotFound outside the files.
  Status copy(std::int64_t offset, std::span<std::byte> out) const;

  /// The whole record that begins at `offset` and ends at or before `end`; kNotFound when none does, kCorrupt when it
  /// differs from its CRC.
  Result<std::vector<std::byte>> record(std::int64_t offset, std::int64_t end) const;

  /// Store time of the record at `offset`.
  Result<std::int64_t> store_time(std::int64_t offset) const;

 private:
  Status read_group(const ConsumeQueue& queue, std::span<const PlacedEntry> group, bool wait, std::size_t& good,
                    io::OutBuffer& out) const;
  bool copy_at_once(std::int64_t offset, std::span<std::byte> out) const;
  bool intact(const message::RecordView& record) const;
  bool in_log(const QueueEntry& entry) const;
  Status check(const ConsumeQueue& queue, const PlacedEntry& entry, ByteView bytes) const;

  const SegmentList& segments_;
  const TailCache& cache_;
  const bool verify_property_crc_;
};

}  // namespace ogive::store
