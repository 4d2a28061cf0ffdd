#pragma once
// Queue files made from a queue database, so that the log need not be read for them.
// docs/decisions/0003-rocksdb-stores.md.

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "io/file.h"
#include "rocks/queue_database.h"
#include "store/queue/consume_queue.h"
#include "store/queue/queue_files.h"

namespace ogive::rocks {

/// After another server had the store. One thread, at start; blocking.
class QueueTakeover {
 public:
  struct Place {
    std::string directory;  ///< Of the queue files that are made; what it holds is of another time and goes.
    std::int64_t file_bytes = 0;
    std::string batch_directory;  ///< Batch queues say more than the database does.
  };
  /// Everything must outlive this.
  QueueTakeover(io::FileSystem& files, const QueueDatabase& database, Place place,
                const std::function<bool(std::string_view topic)>& is_batch_topic);

  /// The files have an entry for every message of the log before the offset it returns, and are durable. -1: they could
  /// not be had from the database (the log says why), and there are none.
  Result<std::int64_t> run(std::int64_t log_begin);

 private:
  using Key = std::pair<std::string, std::int32_t>;
  /// The queue whose entries come in.
  struct Current {
    std::unique_ptr<store::ConsumeQueue> queue;
    std::int64_t next = 0;  ///< Offset behind the last entry.
    std::int64_t last_record = -1;
    std::int64_t written = 0;        ///< Offset of the first entry in `entries`.
    std::vector<std::byte> entries;  ///< Not in a file yet.
  };

  Status load_ends(std::int64_t log_begin);
  Status clear();
  Status copy(std::int64_t log_begin);
  Status take(std::int64_t log_begin, std::string_view topic, QueueId id, std::int64_t offset,
              const QueueRecord& record);
  Status write_out();
  Status finish_queue();

  io::FileSystem& files_;
  const QueueDatabase& database_;
  const Place place_;
  const std::function<bool(std::string_view topic)>& is_batch_topic_;
  std::unique_ptr<store::QueueFiles> made_;
  absl::flat_hash_map<Key, std::int64_t> ends_;  ///< Of queues with messages in the log that were not met yet.
  std::int64_t covered_ = 0;
  std::int64_t queues_ = 0;
  std::int64_t entries_ = 0;
  Current current_;
  std::vector<std::unique_ptr<store::ConsumeQueue>> finished_;  ///< Open files are known by their addresses.
};

}  // namespace ogive::rocks
