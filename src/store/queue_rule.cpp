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

bool fill_gap_piece(ConsumeQueue& queue, std::int64_t offset, bool visible) {
  const auto lock = queue.lock();
  const std::int64_t next = queue.pushed(lock).offset;
  const std::int64_t end = std::min(offset, next + kGapPiece);
  for (std::int64_t at = next; at < end; ++at) queue.push(lock, at, {0, QueueEntry::kFillerSize, 0});
  return visible ? queue.publish(lock) : queue.note_dirty(lock);
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
