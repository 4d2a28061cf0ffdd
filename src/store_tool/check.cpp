#include "store_tool/check.h"

#include <fmt/core.h>

#include "message/record_tail.h"
#include "message/sys_flag.h"
#include "store/checkpoint.h"
#include "store/recovery/damaged_range.h"
#include "store_tool/config_check.h"
#include "store_tool/index_check.h"
#include "store_tool/offset_check.h"
#include "store_tool/queue_check.h"
#include "store_tool/rocks_check.h"

namespace ogive::store_tool {
namespace {

Status check_checkpoint(StoreView& view, std::int64_t log_end, Report& report) {
  const std::string path = view.root() + "/checkpoint";
  auto checkpoint = store::load_checkpoint(view.files(), path);
  if (!checkpoint) return fail(std::move(checkpoint).error());
  if (checkpoint->writer == store::Checkpoint::Writer::kNobody) {
    if (log_end == view.segments().begin()) return {};  // No message, nothing to read: RocketMQ leaves zeros then.
    report.add(Severity::kRepairs, path, "is missing or no checkpoint: the next start reads the whole log");
  } else if (checkpoint->safe_offset > log_end) {
    report.add(
        Severity::kLoss, path,
        fmt::format("says that the log is flushed up to {}, but it ends at {}", checkpoint->safe_offset, log_end));
  }
  return {};
}

// What no other CRC covers; only records written with enabledAppendPropCRC carry it.
void check_property_crc(const message::RecordView& record, Report& report) {
  const message::PropertyCrc crc = message::check_property_crc(record);
  if (crc == message::PropertyCrc::kAbsent) return;
  report.count("property CRCs");
  if (crc == message::PropertyCrc::kMatches) return;
  report.add(Severity::kLoss, fmt::format("record at {}", record.physical_offset),
             fmt::format("differs from its property CRC: something of message {} of queue {} of {} beside its body is "
                         "damaged",
                         record.queue_offset, record.queue_id, record.topic));
}

// Records that a start put in the place of damage (store/recovery/damaged_range.h): the messages are lost all the same.
bool is_sealed_damage(const message::RecordView& record) {
  return store::kDamagedTopic.starts_with(record.topic) && record.born_timestamp_ms == 0 &&
         !message::takes_queue_offset(record.sys_flag);
}

}  // namespace

Result<Report> check_store(StoreView& view) {
  Report report;
  for (const std::string& oddity : view.oddities()) report.add(Severity::kRepairs, view.root(), oddity);
  if (!view.orderly()) {
    report.add(Severity::kNote, view.root() + "/abort", "the last stop was no orderly one");
  }
  QueueCheck queues(view, report);
  OffsetCheck offsets(report);
  IndexCheck index(view, report);
  RocksCheck databases(view, report);
  OGIVE_TRY(index.open());
  OGIVE_TRY(databases.open());
  auto end = view.walk(
      0,
      [&](const message::RecordView& record, ByteView bytes) -> Status {
        if (is_sealed_damage(record)) {
          report.add(
              Severity::kLoss,
              fmt::format("commit log from {} to {}", record.physical_offset, record.physical_offset + record.size),
              fmt::format("was damaged; what was there is kept in {}/damagedlog", view.root()));
          return {};
        }
        report.count("records");
        report.count("record bytes", static_cast<std::int64_t>(bytes.size()));
        check_property_crc(record, report);
        offsets.add(record);
        OGIVE_TRY(queues.add(record));
        index.add(record);
        return databases.add(record);
      },
      [&](const LogDamage& damage) {
        report.add(Severity::kLoss, fmt::format("commit log from {} to {}", damage.begin, damage.end), damage.reason);
      });
  if (!end) return fail(std::move(end).error());
  report.count("log begins at", view.segments().begin());
  report.count("log ends at", *end);
  OGIVE_TRY(queues.finish());
  index.finish();
  databases.finish(*end);
  OGIVE_TRY(check_checkpoint(view, *end, report));
  check_configuration(view, queues.bounds(), report);
  return report;
}

}  // namespace ogive::store_tool
