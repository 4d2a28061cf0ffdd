#pragma once
// The `queuetails` file: what a stop that has no time to write the files of very many queues leaves in one file
// instead, so that the next start need not read the log again. Format: docs/formats/queue-tails.md.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "io/file.h"
#include "store/queue/consume_queue.h"
#include "store/queue/queue_ends.h"
#include "store/queue/queue_table.h"

namespace ogive::store {

/// The queues' files as they were written, perhaps not on the device yet, and the entries that they lack. It is good
/// only while nothing that was written can have been lost: in the same `lifetime` of the file system
/// (io::FileSystem::lifetime).
struct QueueTails {
  QueueEnds ends;  ///< All queues; both its offsets are the log's end.
  std::string lifetime;
  std::int64_t last_record = 0;  ///< Of the log.
  std::int64_t store_timestamp_ms = 0;
  std::vector<std::byte> entries;          ///< Of one queue after another, as in their files.
  std::vector<std::uint32_t> entry_bytes;  ///< How much of it each queue of `ends` has.

  /// Gives the queues, which have the bounds of `ends`, their entries; `dirty` is told which have any.
  void restore(QueueTable& queues, const std::function<void(ConsumeQueue&)>& dirty) const;
};

/// Nothing when the file is missing, damaged, of another lifetime or of other noted ends than `sequence`. Blocking.
Result<std::optional<QueueTails>> load_queue_tails(io::FileSystem& files, const std::string& path,
                                                   const std::string& lifetime, std::int64_t sequence);
/// Writes the file, not durably. Of `tails` all is taken but its queues and entries, which `queues` has. While no queue
/// changes. Blocking.
Status save_queue_tails(io::FileSystem& files, const std::string& path, const QueueTails& tails,
                        const QueueTable& queues);

}  // namespace ogive::store
