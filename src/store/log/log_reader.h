#pragma once
// Reads records at known places: from the tail cache where they are still there, else from the segment files.

#include <cstdint>
#include <span>
#include <vector>

#include "base/error.h"
#include "io/out_buffer.h"
#include "store/log/segment.h"
#include "store/log/tail_cache.h"
#include "store/queue/consume_queue.h"

namespace ogive::store {

/// Thread-safe. Blocking unless said otherwise.
class LogReader {
 public:
  LogReader(const SegmentList& segments, const TailCache& cache) : segments_(segments), cache_(cache) {}

  /// Fills `out` (empty before) with the records of `entries` (ascending) as views of memory; false, and `out` empty,
  /// when one is no longer there. Does not block.
  bool share(std::span<const QueueEntry> entries, io::OutBuffer& out) const;

  /// The same from the files, neighbours read together. Checks that a record of the entry's size really begins at each
  /// place: kCorrupt otherwise.
  Status read(std::span<const QueueEntry> entries, io::OutBuffer& out) const;

  /// Copies exactly `out.size()` bytes from `offset` on, which must lie in one segment. kNotFound outside the files.
  Status copy(std::int64_t offset, std::span<std::byte> out) const;

  /// The whole record that begins at `offset` and ends at or before `end`; kNotFound when none does.
  Result<std::vector<std::byte>> record(std::int64_t offset, std::int64_t end) const;

  /// Store time of the record at `offset`.
  Result<std::int64_t> store_time(std::int64_t offset) const;

 private:
  Status read_group(std::span<const QueueEntry> group, io::OutBuffer& out) const;

  const SegmentList& segments_;
  const TailCache& cache_;
};

}  // namespace ogive::store
