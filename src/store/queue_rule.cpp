#include "store/queue_rule.h"

#include <algorithm>
#include <charconv>

#include "message/properties.h"
#include "message/sys_flag.h"
#include "store/queue/queue_table.h"

namespace ogive::store {
namespace {

constexpr std::string_view kScheduleTopic = "SCHEDULE_TOPIC_XXXX";

}  // namespace

bool takes_queue_entry(const message::RecordView& record) {
  return message::takes_queue_offset(record.sys_flag) && record.queue_id >= 0 && is_safe_topic_name(record.topic);
}

std::int32_t offsets_taken(const message::RecordView& record, const ConsumeQueue& queue) {
  return queue.kind() == QueueKind::kBatch ? message::message_count(record) : 1;
}

std::int64_t entry_tags_code(const message::RecordView& record, std::span<const std::int64_t> delay_level_ms) {
  if (record.topic != kScheduleTopic) return message::tags_code_of(record.properties);
  std::size_t level = 0;
  const std::string_view text = message::find_property(record.properties, message::property::kDelay).value_or("0");
  std::from_chars(text.data(), text.data() + text.size(), level);
  level = std::min(level, delay_level_ms.size());
  return level == 0 ? 0 : record.store_timestamp_ms + delay_level_ms[level - 1];
}

}  // namespace ogive::store
