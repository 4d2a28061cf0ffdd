#pragma once
// The `queueends` file: which queues exist, where their files are and what is in them, so that a start need not look at
// each. Format: docs/formats/queue-ends.md.

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/strong_int.h"
#include "io/file.h"
#include "store/queue/consume_queue.h"

namespace ogive::store {

/// One queue: its entries before extent.end_place are durable in its files, their records in the flushed log, unless
/// retention has taken them since.
struct QueueEnd {
  std::string topic;
  QueueId id;
  QueueKind kind = QueueKind::kSimple;
  QueueFileSpan files;  ///< Those that lie before the first entry as a whole may be gone.
  ConsumeQueue::Extent extent;
};

struct QueueEnds {
  /// False: some entries may not be durable, or the file is of another time than the checkpoint; it only helps to
  /// notice that queue files lack something.
  bool complete = false;
  std::int64_t sequence = 0;      ///< The checkpoint names the last one it knows of.
  std::int64_t safe_offset = -1;  ///< Every entry of a record before it is among those of `queues`.
  std::int64_t log_end = 0;       ///< No entry is of a record that ends behind it.
  std::string directory;          ///< Of simple queues, below the store's.
  std::int64_t simple_file_bytes = 0, batch_file_bytes = 0;
  std::vector<QueueEnd> queues;
};

/// The file's content, and what it says: empty when it is damaged.
std::string encode_queue_ends(const QueueEnds& ends);
QueueEnds decode_queue_ends(ByteView content);

/// Empty when the file is missing or damaged. Blocking.
Result<QueueEnds> load_queue_ends(io::FileSystem& files, const std::string& path);
/// Replaces the file and returns its size; durable when it returns. Blocking.
Result<std::size_t> save_queue_ends(io::FileSystem& files, const std::string& path, const QueueEnds& ends);

}  // namespace ogive::store
