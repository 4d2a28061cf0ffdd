// consumerOffset.json: the stored form of the consumer offsets.

#include "base/log.h"
#include "broker/offset/offset_table.h"
#include "broker/topic/names.h"
#include "protocol/bodies/offsets.h"

namespace ogive::broker {

std::string OffsetTable::encode(bool pretty) const {
  protocol::ConsumerOffsetSerializeWrapper stored;
  stored.data_version = data_version();
  for (const QueueOffsetsPtr& entry : entries()) {
    auto offsets = entry->all_committed();
    if (!offsets.empty()) stored.offset_table.emplace(entry->topic() + "@" + entry->group(), std::move(offsets));
  }
  return protocol::to_json(stored, protocol::JsonStyle{.pretty = pretty});
}

Status OffsetTable::decode(std::string_view json) {
  auto stored = protocol::from_json<protocol::ConsumerOffsetSerializeWrapper>(json);
  if (!stored) return fail(stored.error());
  for (const auto& [key, offsets] : stored->offset_table) {
    const std::size_t at = key.find('@');
    const std::string_view topic = std::string_view(key).substr(0, at);
    const std::string_view group = at == std::string::npos ? std::string_view() : std::string_view(key).substr(at + 1);
    if (topic_name_error(topic) || group_name_error(group)) {
      OGIVE_LOG(error, "broker", "stored offsets are left out: \"{}\" is not topic@group", key);
      continue;
    }
    const QueueOffsetsPtr held = entry(group, topic);
    if (!held) continue;
    for (const auto& [queue, offset] : offsets) held->commit(queue, offset);
  }
  if (stored->data_version) {
    const std::lock_guard lock(version_mutex_);
    version_ = *stored->data_version;
  }
  return {};
}

}  // namespace ogive::broker
