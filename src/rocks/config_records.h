#pragma once
// Values of a metadata database: the JSON of one topic, one group, one consumer's offsets. Format:
// docs/formats/rocksdb.md. Pure; any thread.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "protocol/bodies/subscription_group.h"
#include "protocol/bodies/topic_config.h"
#include "protocol/json.h"

namespace ogive::rocks {

/// Offsets of one consumer group in one topic, by queue; the key is `topic@group`.
struct StoredOffsets {
  std::map<std::int32_t, std::int64_t> offset_table;
};
BOOST_DESCRIBE_STRUCT(StoredOffsets, (), (offset_table))

/// Topics a group may not read, with their bits; the key is the group.
using ForbiddenTopics = std::map<std::string, std::int32_t>;

/// kCorrupt names the defect. `Value` is protocol::TopicConfig, SubscriptionGroupConfig or DataVersion, or one of the
/// above.
template <class Value>
Result<Value> parse_config(std::string_view value) {
  return protocol::from_json<Value>(value);
}

inline std::string format_config(const protocol::TopicConfig& topic) {
  return protocol::to_json(topic, protocol::kStrictJson);
}
inline std::string format_config(const protocol::SubscriptionGroupConfig& group) {
  return protocol::to_json(group, protocol::kStrictJson);
}
inline std::string format_config(const StoredOffsets& offsets) {
  return protocol::to_json(offsets, protocol::kStrictJson);
}
inline std::string format_config(const ForbiddenTopics& topics) {
  return protocol::to_json(topics);
}
inline std::string format_config(const protocol::DataVersion& version) {
  return protocol::to_json(version);
}

}  // namespace ogive::rocks
