#pragma once
// JSON bodies. GET_ROUTEINFO_BY_TOPIC (105), GET_BROKER_CLUSTER_INFO (106), GET_BROKER_MEMBER_GROUP (901).
// How structs become JSON: protocol/json.h and docs/protocol/json.md.

#include "protocol/bodies/static_topic.h"

namespace ogive::protocol {

/// A topic's queues on one broker name.
struct QueueData {
  std::string broker_name;
  std::int32_t read_queue_nums = 0;
  std::int32_t write_queue_nums = 0;
  std::int32_t perm = 0;
  std::int32_t topic_sys_flag = 0;

  bool operator==(const QueueData&) const = default;
};
BOOST_DESCRIBE_STRUCT(QueueData, (), (broker_name, read_queue_nums, write_queue_nums, perm, topic_sys_flag))

/// The processes behind a broker name.
struct BrokerData {
  std::string cluster;
  std::string broker_name;
  std::map<std::int64_t, std::string> broker_addrs;  ///<  By broker id; 0 is the master.
  std::optional<std::string> zone_name;
  bool enable_acting_master = false;

  bool operator==(const BrokerData&) const = default;
};
BOOST_DESCRIBE_STRUCT(BrokerData, (), (cluster, broker_name, broker_addrs, zone_name, enable_acting_master))

/// Where a topic is. Write it with route_style(version, accept_standard_json_only).
struct TopicRouteData {
  std::optional<std::string> order_topic_conf;
  std::vector<QueueData> queue_datas;
  std::vector<BrokerData> broker_datas;
  std::map<std::string, std::vector<std::string>> filter_server_table;
  std::optional<std::map<std::string, TopicQueueMappingInfo>> topic_queue_mapping_by_broker;

  bool operator==(const TopicRouteData&) const = default;
};
BOOST_DESCRIBE_STRUCT(TopicRouteData, (),
                      (order_topic_conf, queue_datas, broker_datas, filter_server_table, topic_queue_mapping_by_broker))

/// The flavour of route JSON that a client understands: strict from 4.9.4 on or when it asks for it.
JsonStyle route_style(std::int32_t client_version, bool accept_standard_json_only);

/// GET_BROKER_CLUSTER_INFO (106).
struct ClusterInfo {
  std::map<std::string, BrokerData> broker_addr_table;
  std::map<std::string, std::set<std::string>> cluster_addr_table;

  bool operator==(const ClusterInfo&) const = default;
};
BOOST_DESCRIBE_STRUCT(ClusterInfo, (), (broker_addr_table, cluster_addr_table))

/// The members of a broker name.
struct BrokerMemberGroup {
  std::string cluster;
  std::string broker_name;
  std::map<std::int64_t, std::string> broker_addrs;

  bool operator==(const BrokerMemberGroup&) const = default;
};
BOOST_DESCRIBE_STRUCT(BrokerMemberGroup, (), (cluster, broker_name, broker_addrs))

/// GET_BROKER_MEMBER_GROUP (901).
struct GetBrokerMemberGroupResponseBody {
  std::optional<BrokerMemberGroup> broker_member_group;
};
BOOST_DESCRIBE_STRUCT(GetBrokerMemberGroupResponseBody, (), (broker_member_group))

}  // namespace ogive::protocol
