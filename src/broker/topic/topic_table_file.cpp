// topics.json: the stored form of the topic table.

#include "base/log.h"
#include "broker/topic/names.h"
#include "broker/topic/topic_table.h"
#include "protocol/bodies/topic_config.h"

namespace ogive::broker {

std::string TopicTable::encode(bool pretty) const {
  protocol::TopicConfigSerializeWrapper stored;
  {
    std::shared_lock lock(mutex_);
    for (const auto& [name, topic] : topics_) stored.topic_config_table.emplace(name, *topic);
    stored.data_version = version_;
  }
  return protocol::to_json(stored, protocol::JsonStyle{.pretty = pretty});
}

Status TopicTable::decode(std::string_view json) {
  auto stored = protocol::from_json<protocol::TopicConfigSerializeWrapper>(json);
  if (!stored) return fail(stored.error());
  std::unique_lock lock(mutex_);
  for (auto& [name, config] : stored->topic_config_table) {
    if (const auto error = topic_name_error(name)) {
      OGIVE_LOG(error, "broker", "a stored topic is left out: {}", *error);
      continue;
    }
    config.topic_name = name;
    put(std::move(config));
  }
  version_ = stored->data_version;
  return {};
}

}  // namespace ogive::broker
