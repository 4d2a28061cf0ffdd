#pragma once
// The `queueends` file: which queues exist and how far each reaches at least. Format: docs/formats/queue-ends.md.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/strong_int.h"
#include "io/file.h"

namespace ogive::store {

/// Entries of this queue from `begin` to before `end` (places) are in its files, and their records in the flushed log
/// unless retention has taken them since.
struct QueueEnd {
  std::string topic;
  QueueId id;
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t first_record = INT64_MAX;  ///< Physical offset of the record at `begin`; INT64_MAX when begin == end.
};

/// Empty when the file is missing or damaged: it only helps to notice that queue files are. Blocking.
Result<std::vector<QueueEnd>> load_queue_ends(io::FileSystem& files, const std::string& path);
/// Replaces the file; durable when it returns. Blocking.
Status save_queue_ends(io::FileSystem& files, const std::string& path, std::span<const QueueEnd> ends);

}  // namespace ogive::store
