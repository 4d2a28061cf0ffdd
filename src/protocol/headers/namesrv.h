#pragma once
// Headers. The name server: 100 to 105, 205, 216, 217, 219, 224, 322, 327, 901, 904, 905.
// What the fields mean: docs/protocol/headers.md. What a member's type says about its absence: protocol/header.h.

#include "protocol/header.h"

namespace ogive::protocol {

/// PUT_KV_CONFIG (100).
struct PutKVConfigRequestHeader {
  std::string_view namespace_;
  std::string_view key;
  std::string_view value;
};
BOOST_DESCRIBE_STRUCT(PutKVConfigRequestHeader, (), (namespace_, key, value))

/// GET_KV_CONFIG (101).
struct GetKVConfigRequestHeader {
  std::string_view namespace_;
  std::string_view key;
};
BOOST_DESCRIBE_STRUCT(GetKVConfigRequestHeader, (), (namespace_, key))

/// Answer to GET_KV_CONFIG (101).
struct GetKVConfigResponseHeader {
  std::optional<std::string_view> value;
};
BOOST_DESCRIBE_STRUCT(GetKVConfigResponseHeader, (), (value))

/// DELETE_KV_CONFIG (102).
struct DeleteKVConfigRequestHeader {
  std::string_view namespace_;
  std::string_view key;
};
BOOST_DESCRIBE_STRUCT(DeleteKVConfigRequestHeader, (), (namespace_, key))

/// GET_KVLIST_BY_NAMESPACE (219).
struct GetKVListByNamespaceRequestHeader {
  std::string_view namespace_;
};
BOOST_DESCRIBE_STRUCT(GetKVListByNamespaceRequestHeader, (), (namespace_))

/// REGISTER_BROKER (103).
struct RegisterBrokerRequestHeader {
  std::string_view broker_name;
  std::string_view broker_addr;
  std::string_view cluster_name;
  std::string_view ha_server_addr;
  std::int64_t broker_id = 0;
  std::optional<std::int64_t> heartbeat_timeout_millis;
  std::optional<bool> enable_acting_master;
  Defaulted<bool> compressed;
  Defaulted<std::int32_t> body_crc32;
};
BOOST_DESCRIBE_STRUCT(RegisterBrokerRequestHeader, (),
                      (broker_name, broker_addr, cluster_name, ha_server_addr, broker_id, heartbeat_timeout_millis,
                       enable_acting_master, compressed, body_crc32))

/// Answer to REGISTER_BROKER (103).
struct RegisterBrokerResponseHeader {
  std::optional<std::string_view> ha_server_addr;
  std::optional<std::string_view> master_addr;
};
BOOST_DESCRIBE_STRUCT(RegisterBrokerResponseHeader, (), (ha_server_addr, master_addr))

/// UNREGISTER_BROKER (104).
struct UnRegisterBrokerRequestHeader {
  std::string_view broker_name;
  std::string_view broker_addr;
  std::string_view cluster_name;
  std::int64_t broker_id = 0;
};
BOOST_DESCRIBE_STRUCT(UnRegisterBrokerRequestHeader, (), (broker_name, broker_addr, cluster_name, broker_id))

/// GET_ROUTEINFO_BY_TOPIC (105).
struct GetRouteInfoRequestHeader {
  std::string_view topic;
  std::optional<bool> accept_standard_json_only;
};
BOOST_DESCRIBE_STRUCT(GetRouteInfoRequestHeader, (), (topic, accept_standard_json_only))

/// WIPE_WRITE_PERM_OF_BROKER (205).
struct WipeWritePermOfBrokerRequestHeader {
  std::string_view broker_name;
};
BOOST_DESCRIBE_STRUCT(WipeWritePermOfBrokerRequestHeader, (), (broker_name))

/// Answer to WIPE_WRITE_PERM_OF_BROKER (205).
struct WipeWritePermOfBrokerResponseHeader {
  std::int32_t wipe_topic_count = 0;
};
BOOST_DESCRIBE_STRUCT(WipeWritePermOfBrokerResponseHeader, (), (wipe_topic_count))

/// ADD_WRITE_PERM_OF_BROKER (327).
struct AddWritePermOfBrokerRequestHeader {
  std::string_view broker_name;
};
BOOST_DESCRIBE_STRUCT(AddWritePermOfBrokerRequestHeader, (), (broker_name))

/// Answer to ADD_WRITE_PERM_OF_BROKER (327).
struct AddWritePermOfBrokerResponseHeader {
  std::int32_t add_topic_count = 0;
};
BOOST_DESCRIBE_STRUCT(AddWritePermOfBrokerResponseHeader, (), (add_topic_count))

/// DELETE_TOPIC_IN_NAMESRV (216).
struct DeleteTopicFromNamesrvRequestHeader {
  std::string_view topic;
  std::optional<std::string_view> cluster_name;
};
BOOST_DESCRIBE_STRUCT(DeleteTopicFromNamesrvRequestHeader, (), (topic, cluster_name))

/// REGISTER_TOPIC_IN_NAMESRV (217).
struct RegisterTopicRequestHeader {
  std::string_view topic;
};
BOOST_DESCRIBE_STRUCT(RegisterTopicRequestHeader, (), (topic))

/// GET_TOPICS_BY_CLUSTER (224).
struct GetTopicsByClusterRequestHeader {
  std::string_view cluster;
};
BOOST_DESCRIBE_STRUCT(GetTopicsByClusterRequestHeader, (), (cluster))

/// QUERY_DATA_VERSION (322).
struct QueryDataVersionRequestHeader {
  std::string_view broker_name;
  std::string_view broker_addr;
  std::string_view cluster_name;
  std::int64_t broker_id = 0;
};
BOOST_DESCRIBE_STRUCT(QueryDataVersionRequestHeader, (), (broker_name, broker_addr, cluster_name, broker_id))

/// Answer to QUERY_DATA_VERSION (322).
struct QueryDataVersionResponseHeader {
  bool changed = false;
};
BOOST_DESCRIBE_STRUCT(QueryDataVersionResponseHeader, (), (changed))

/// GET_BROKER_MEMBER_GROUP (901).
struct GetBrokerMemberGroupRequestHeader {
  std::string_view cluster_name;
  std::string_view broker_name;
};
BOOST_DESCRIBE_STRUCT(GetBrokerMemberGroupRequestHeader, (), (cluster_name, broker_name))

/// BROKER_HEARTBEAT (904).
struct BrokerHeartbeatRequestHeader {
  std::string_view cluster_name;
  std::string_view broker_addr;
  std::string_view broker_name;
  std::optional<std::int64_t> broker_id;
  std::optional<std::int32_t> epoch;
  std::optional<std::int64_t> max_offset;
  std::optional<std::int64_t> confirm_offset;
  std::optional<std::int64_t> heartbeat_timeout_mills;
  std::optional<std::int32_t> election_priority;
};
BOOST_DESCRIBE_STRUCT(BrokerHeartbeatRequestHeader, (),
                      (cluster_name, broker_addr, broker_name, broker_id, epoch, max_offset, confirm_offset,
                       heartbeat_timeout_mills, election_priority))

/// NOTIFY_MIN_BROKER_ID_CHANGE (905).
struct NotifyMinBrokerIdChangeRequestHeader {
  std::optional<std::int64_t> min_broker_id;
  std::optional<std::string_view> broker_name;
  std::optional<std::string_view> min_broker_addr;
  std::optional<std::string_view> offline_broker_addr;
  std::optional<std::string_view> ha_broker_addr;
};
BOOST_DESCRIBE_STRUCT(NotifyMinBrokerIdChangeRequestHeader, (),
                      (min_broker_id, broker_name, min_broker_addr, offline_broker_addr, ha_broker_addr))

}  // namespace ogive::protocol
