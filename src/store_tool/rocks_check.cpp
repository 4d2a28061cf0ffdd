#include "store_tool/rocks_check.h"

#include <fmt/core.h>

#include "rocks/rocks_store.h"
#include "store/queue_rule.h"

namespace ogive::store_tool {

Status RocksCheck::open() {
  auto layout = rocks::find_layout(view_.files(), view_.root());
  if (!layout) return fail(std::move(layout).error());
  if (layout->queues.empty()) return {};
  auto queues = rocks::QueueDatabase::open(layout->queues, rocks::Database::Mode::kRead);
  if (!queues) {
    report_.add(Severity::kRepairs, layout->queues,
                queues.error().message() + "; move it away: the next broker makes it anew from the log");
    return {};
  }
  auto covered = (*queues)->covered();
  if (!covered) return fail(std::move(covered).error());
  auto reaches = (*queues)->reaches();
  if (!reaches) return fail(std::move(reaches).error());
  covered_ = *covered;
  for (const rocks::QueueReach& reach : *reaches) ends_[{reach.topic, reach.id.value()}] = reach.last_offset + 1;
  report_.count("queues in RocksDB", static_cast<std::int64_t>(ends_.size()));
  queues_ = std::move(*queues);
  return {};
}

Status RocksCheck::add(const message::RecordView& record) {
  if (!queues_ || !store::takes_queue_entry(record) || record.physical_offset >= covered_) return {};
  const auto end = ends_.find({std::string(record.topic), record.queue_id});
  if (end == ends_.end()) return {};  // The topic was deleted.
  auto entry = queues_->entry(record.topic, QueueId(record.queue_id), record.queue_offset);
  if (!entry) return fail(std::move(entry).error());
  report_.count("queue entries in RocksDB", *entry ? 1 : 0);
  if (*entry && (*entry)->physical_offset == record.physical_offset && (*entry)->size == record.size) return {};
  // Of a queue that was made anew the later record counts.
  if (*entry && (*entry)->physical_offset > record.physical_offset) return {};
  if (!*entry && record.queue_offset >= end->second) return {};
  report_.add(
      Severity::kRepairs, queues_->path(),
      fmt::format("{} for the record at {}, offset {} of queue {} of {}: move the database away, the next broker "
                  "makes it anew from the log",
                  *entry ? fmt::format("has an entry that points to {}", (*entry)->physical_offset)
                         : std::string("has no entry"),
                  record.physical_offset, record.queue_offset, record.queue_id, record.topic));
  return {};
}

void RocksCheck::finish(std::int64_t log_end) {
  if (!queues_) return;
  if (covered_ > log_end) {
    report_.add(Severity::kRepairs, queues_->path(),
                fmt::format("covers the log up to {}, which ends at {}", covered_, log_end));
  } else if (covered_ < log_end) {
    report_.add(Severity::kNote, queues_->path(),
                fmt::format("covers the log up to {}: the next broker adds what is behind", covered_));
  }
}

}  // namespace ogive::store_tool
