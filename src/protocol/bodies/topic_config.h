#pragma once
// JSON bodies. Topics of a broker: 17, 18, 21, 351, registration.
// How structs become JSON: protocol/json.h and docs/protocol/json.md.

#include "protocol/bodies/data_version.h"
#include "protocol/bodies/static_topic.h"

namespace ogive::protocol {

/// Kept for clients; nothing depends on it.
enum class TopicFilterType : std::uint8_t { kSingleTag, kMultiTag };
template <>
inline constexpr std::array<std::string_view, 2> kEnumNames<TopicFilterType> = {"SINGLE_TAG", "MULTI_TAG"};

/// One topic.
struct TopicConfig {
  std::string topic_name;
  std::int32_t read_queue_nums = 16;
  std::int32_t write_queue_nums = 16;
  std::int32_t perm = 6;  ///<  Bits: 4 read, 2 write, 1 inherit.
  TopicFilterType topic_filter_type = TopicFilterType::kSingleTag;
  std::int32_t topic_sys_flag = 0;
  bool order = false;
  std::map<std::string, std::string> attributes;

  bool operator==(const TopicConfig&) const = default;
};
BOOST_DESCRIBE_STRUCT(TopicConfig, (),
                      (topic_name, read_queue_nums, write_queue_nums, perm, topic_filter_type, topic_sys_flag, order,
                       attributes))

/// The one-line form inside compressed registrations: name, read and write queues, permission, filter type, attributes
/// as JSON.
std::string encode_topic_config(const TopicConfig& config);
/// Reads it; kCorrupt for fewer than five parts or a bad number. Attributes that are no JSON are dropped.
Result<TopicConfig> decode_topic_config(std::string_view line);

/// GET_TOPIC_CONFIG (351).
struct TopicConfigAndQueueMapping : TopicConfig {
  std::optional<TopicQueueMappingDetail> mapping_detail;
};
BOOST_DESCRIBE_STRUCT(TopicConfigAndQueueMapping, (TopicConfig), (mapping_detail))

/// Body of topics.json and the older form of registrations.
struct TopicConfigSerializeWrapper {
  DataVersion data_version;
  std::map<std::string, TopicConfig> topic_config_table;
};
BOOST_DESCRIBE_STRUCT(TopicConfigSerializeWrapper, (), (data_version, topic_config_table))

/// GET_ALL_TOPIC_CONFIG (21) and registrations.
struct TopicConfigAndMappingSerializeWrapper : TopicConfigSerializeWrapper {
  DataVersion mapping_data_version;
  std::map<std::string, TopicQueueMappingInfo> topic_queue_mapping_info_map;
  std::map<std::string, TopicQueueMappingDetail> topic_queue_mapping_detail_map;
};
BOOST_DESCRIBE_STRUCT(TopicConfigAndMappingSerializeWrapper, (TopicConfigSerializeWrapper),
                      (mapping_data_version, topic_queue_mapping_info_map, topic_queue_mapping_detail_map))

/// Body of topicQueueMapping.json.
struct TopicQueueMappingSerializeWrapper {
  std::map<std::string, TopicQueueMappingDetail> topic_queue_mapping_info_map;
  DataVersion data_version;
};
BOOST_DESCRIBE_STRUCT(TopicQueueMappingSerializeWrapper, (), (topic_queue_mapping_info_map, data_version))

/// UPDATE_AND_CREATE_TOPIC_LIST (18).
struct CreateTopicListRequestBody {
  std::vector<TopicConfig> topic_config_list;
};
BOOST_DESCRIBE_STRUCT(CreateTopicListRequestBody, (), (topic_config_list))

}  // namespace ogive::protocol
