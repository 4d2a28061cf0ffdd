#pragma once
// The `checkpoint` file: up to where log and queues are safe. Format: docs/formats/checkpoint.md.

#include <cstdint>
#include <string>

#include "base/error.h"
#include "io/file.h"

namespace ogive::store {

struct Checkpoint {
  /// Who wrote the file last.
  enum class Writer : std::uint8_t { kNobody, kOgive, kOther };
  Writer writer = Writer::kNobody;  ///< kNobody also for a file that is no checkpoint.

  std::int64_t physic_timestamp_ms = 0;  ///< Store time up to which the log is flushed.
  std::int64_t logics_timestamp_ms = 0;  ///< Store time up to which queue entries are flushed.
  std::int64_t index_timestamp_ms = 0;
  std::int64_t master_flushed_offset = 0;
  std::int64_t confirm_offset = 0;
  std::int64_t logics_physical_offset = 0;  ///< Begin of the last record with flushed queue entries.

  /// Our own addition behind the known fields: everything before this offset is flushed, in the log and in the queues'
  /// files. -1 when the file lacks it, or was changed since by a server that does not know it.
  std::int64_t safe_offset = -1;
  std::int64_t index_safe_offset = -1;  ///< The same for the index.
  std::int64_t ends_sequence = 0;       ///< Of the `queueends` file that was there then (QueueEnds::sequence).
};

/// A missing file is an empty checkpoint. Blocking.
Result<Checkpoint> load_checkpoint(io::FileSystem& files, const std::string& path);
/// Durable when it returns. Blocking.
Status save_checkpoint(io::FileSystem& files, const std::string& path, const Checkpoint& checkpoint);

}  // namespace ogive::store
