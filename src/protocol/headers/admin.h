#pragma once
// Headers. Statistics and maintenance of a broker: 26, 208, 315, 317, 321, 354, 355, 902, 903.
// What the fields mean: docs/protocol/headers.md. What a member's type says about its absence: protocol/header.h.

#include "protocol/header.h"

namespace ogive::protocol {

/// Answer to GET_BROKER_CONFIG (26).
struct GetBrokerConfigResponseHeader {
  std::string_view version;
};
BOOST_DESCRIBE_STRUCT(GetBrokerConfigResponseHeader, (), (version))

/// GET_CONSUME_STATS (208).
struct GetConsumeStatsRequestHeader {
  std::string_view consumer_group;
  std::optional<std::string_view> topic;
  std::optional<std::string_view> topic_list;
};
BOOST_DESCRIBE_STRUCT(GetConsumeStatsRequestHeader, (), (consumer_group, topic, topic_list))

/// VIEW_BROKER_STATS_DATA (315).
struct ViewBrokerStatsDataRequestHeader {
  std::string_view stats_name;
  std::string_view stats_key;
};
BOOST_DESCRIBE_STRUCT(ViewBrokerStatsDataRequestHeader, (), (stats_name, stats_key))

/// GET_BROKER_CONSUME_STATS (317).
struct GetConsumeStatsInBrokerHeader {
  bool is_order = false;
};
BOOST_DESCRIBE_STRUCT(GetConsumeStatsInBrokerHeader, (), (is_order))

/// QUERY_CONSUME_QUEUE (321).
struct QueryConsumeQueueRequestHeader {
  std::optional<std::string_view> topic;
  Defaulted<std::int32_t> queue_id;
  Defaulted<std::int64_t> index;
  Defaulted<std::int32_t> count;
  std::optional<std::string_view> consumer_group;
};
BOOST_DESCRIBE_STRUCT(QueryConsumeQueueRequestHeader, (), (topic, queue_id, index, count, consumer_group))

/// CHECK_ROCKSDB_CQ_WRITE_PROGRESS (354).
struct CheckRocksdbCqWriteProgressRequestHeader {
  std::string_view topic;
  Defaulted<std::int64_t> check_store_time;
};
BOOST_DESCRIBE_STRUCT(CheckRocksdbCqWriteProgressRequestHeader, (), (topic, check_store_time))

/// EXPORT_ROCKSDB_CONFIG_TO_JSON (355).
struct ExportRocksDBConfigToJsonRequestHeader {
  std::optional<std::string_view> type_name;
  std::string_view config_type;
};
BOOST_DESCRIBE_STRUCT(ExportRocksDBConfigToJsonRequestHeader, (), (type_name, config_type))

/// ADD_BROKER (902).
struct AddBrokerRequestHeader {
  std::optional<std::string_view> config_path;
};
BOOST_DESCRIBE_STRUCT(AddBrokerRequestHeader, (), (config_path))

/// REMOVE_BROKER (903).
struct RemoveBrokerRequestHeader {
  std::string_view broker_name;
  std::string_view broker_cluster_name;
  std::int64_t broker_id = 0;
};
BOOST_DESCRIBE_STRUCT(RemoveBrokerRequestHeader, (), (broker_name, broker_cluster_name, broker_id))

}  // namespace ogive::protocol
