#pragma once
// Keeps the consume queues in RocksDB level with the log, as RocketMQ's own dispatcher would. docs/internals/store.md.

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/error.h"
#include "io/executor.h"
#include "message/record.h"
#include "rocks/queue_database.h"
#include "store/message_store.h"
#include "store/task_gate.h"

namespace ogive::rocks {

/// Reads what was flushed to the log, in slices on the store's background executor, and adds its entries. What it has
/// not come to is no loss: whoever opens the store next goes on from covered().
class QueueMirror {
 public:
  /// `delay_level_ms` is level 1 first. Everything must outlive this.
  QueueMirror(store::MessageStore& store, QueueDatabase& database, std::vector<std::int64_t> delay_level_ms);

  /// Before anything is submitted: lets queues whose messages are all gone from the log go on where they were, and
  /// takes back what the database has beyond the log's end. Blocking.
  Status align();
  /// Follows the log from now on.
  void start(io::Executor& background);
  void stop() { gate_.close(); }
  /// After stop() and the last append: the database says exactly what the store does. Blocking.
  Status finish();

 private:
  void arm(Milliseconds delay);
  void run();
  /// Takes up to `max_bytes` of the flushed log.
  Status follow(std::int64_t max_bytes);
  Status take(ByteView bytes);
  void add(const message::RecordView& record);
  std::int64_t next_record(ByteView bytes) const;
  Status match_ends();
  Status match_begins();

  store::MessageStore& store_;
  QueueDatabase& database_;
  const std::vector<std::int64_t> delay_level_ms_;
  std::int64_t position_ = 0;  ///< Everything before is in the database or waits for commit().
  std::vector<std::byte> buffer_;
  io::Executor* background_ = nullptr;
  bool complained_ = false;
  store::TaskGate gate_;
};

}  // namespace ogive::rocks
