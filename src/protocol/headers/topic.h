#pragma once
// Headers. Topics on a broker: 17, 21, 202, 215, 300, 343, 345, 351.
// What the fields mean: docs/protocol/headers.md. What a member's type says about its absence: protocol/header.h.

#include "protocol/header.h"

namespace ogive::protocol {

/// UPDATE_AND_CREATE_TOPIC (17).
struct CreateTopicRequestHeader {
  std::string_view topic;
  std::string_view default_topic;
  std::int32_t read_queue_nums = 0;
  std::int32_t write_queue_nums = 0;
  std::int32_t perm = 0;
  std::string_view topic_filter_type;
  std::optional<std::int32_t> topic_sys_flag;
  bool order = false;
  std::optional<std::string_view> attributes;
  Defaulted<bool> force;
};
BOOST_DESCRIBE_STRUCT(CreateTopicRequestHeader, (),
                      (topic, default_topic, read_queue_nums, write_queue_nums, perm, topic_filter_type, topic_sys_flag,
                       order, attributes, force))

/// DELETE_TOPIC_IN_BROKER (215).
struct DeleteTopicRequestHeader {
  std::string_view topic;
};
BOOST_DESCRIBE_STRUCT(DeleteTopicRequestHeader, (), (topic))

/// GET_TOPIC_CONFIG (351).
struct GetTopicConfigRequestHeader {
  std::string_view topic;
};
BOOST_DESCRIBE_STRUCT(GetTopicConfigRequestHeader, (), (topic))

/// GET_TOPIC_STATS_INFO (202).
struct GetTopicStatsInfoRequestHeader {
  std::string_view topic;
};
BOOST_DESCRIBE_STRUCT(GetTopicStatsInfoRequestHeader, (), (topic))

/// GET_ALL_TOPIC_CONFIG (21).
struct GetAllTopicConfigRequestHeader {
  std::int32_t topic_seq = 0;
  std::optional<std::string_view> data_version;
  std::optional<std::int32_t> max_topic_num;
};
BOOST_DESCRIBE_STRUCT(GetAllTopicConfigRequestHeader, (), (topic_seq, data_version, max_topic_num))

/// Answer to GET_ALL_TOPIC_CONFIG (21).
struct GetAllTopicConfigResponseHeader {
  std::int32_t total_topic_num = 0;
};
BOOST_DESCRIBE_STRUCT(GetAllTopicConfigResponseHeader, (), (total_topic_num))

/// QUERY_TOPIC_CONSUME_BY_WHO (300).
struct QueryTopicConsumeByWhoRequestHeader {
  std::string_view topic;
};
BOOST_DESCRIBE_STRUCT(QueryTopicConsumeByWhoRequestHeader, (), (topic))

/// QUERY_TOPICS_BY_CONSUMER (343).
struct QueryTopicsByConsumerRequestHeader {
  std::string_view group;
};
BOOST_DESCRIBE_STRUCT(QueryTopicsByConsumerRequestHeader, (), (group))

/// QUERY_SUBSCRIPTION_BY_CONSUMER (345).
struct QuerySubscriptionByConsumerRequestHeader {
  std::string_view group;
  std::optional<std::string_view> topic;
};
BOOST_DESCRIBE_STRUCT(QuerySubscriptionByConsumerRequestHeader, (), (group, topic))

}  // namespace ogive::protocol
