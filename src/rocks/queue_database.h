#pragma once
// The consume queues of a store with storeType=defaultRocksDB: one entry a key. Format: docs/formats/rocksdb.md.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/strong_int.h"
#include "rocks/database.h"
#include "rocks/queue_records.h"

namespace ogive::rocks {

/// How far a queue reaches: its last message.
struct QueueReach {
  std::string topic;
  QueueId id;
  std::int64_t last_offset = 0;      ///< Queue offset.
  std::int64_t physical_offset = 0;  ///< Of its record.
};

/// One thread at a time. Blocking. Errors as Database's.
class QueueDatabase {
 public:
  static Result<std::unique_ptr<QueueDatabase>> open(const std::string& path, Database::Mode mode);

  /// Everything in the log before this offset has its entries.
  Result<std::int64_t> covered() const;
  /// kCorrupt for an end of another form: its queue would be taken for a deleted one.
  Result<std::vector<QueueReach>> reaches() const;
  Result<std::optional<QueueRecord>> entry(std::string_view topic, QueueId id, std::int64_t offset) const;
  /// Every entry of every queue, queues sorted by length of topic, topic and id. kCorrupt names a key of another form.
  using Visitor = std::function<Status(std::string_view topic, QueueId id, std::int64_t offset, const QueueRecord&)>;
  Status for_each_entry(const Visitor& visit) const;

  /// Adds an entry and lets its queue reach `count` offsets from there on. Written with commit().
  void add(std::string_view topic, QueueId id, std::int64_t offset, std::int32_t count, const QueueRecord& record);
  /// Bytes that wait for commit().
  std::size_t pending_bytes() const { return Database::bytes(batch_); }
  /// Writes what was added, the queues' ends and `covered`, at once.
  Status commit(std::int64_t covered);
  /// Lets a queue end at `reach`; the entries behind it, if any, are of no account any more.
  Status set_end(const QueueReach& reach);
  /// Where a queue begins. RocketMQ looks for it itself when it is not said, which fails for queues with gaps.
  Status set_begin(std::string_view topic, QueueId id, std::int64_t offset, std::int64_t physical_offset);
  /// Removes all there is of a queue.
  Status remove(std::string_view topic, QueueId id);
  Status flush() { return database_->flush(); }
  const std::string& path() const { return database_->path(); }

 private:
  explicit QueueDatabase(std::unique_ptr<Database> database) : database_(std::move(database)) {}

  const std::unique_ptr<Database> database_;
  Batch batch_;
  std::map<std::string, std::string, std::less<>> ends_;  ///< Key and value of `max`, to be written.
};

}  // namespace ogive::rocks
