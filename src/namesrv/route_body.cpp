#include "namesrv/route_body.h"

#include "protocol/json.h"

namespace ogive::namesrv {
namespace {

// The documents as RocketMQ names their parts; members are written in the order of their wire names.

struct BrokerData {
  std::map<std::int64_t, std::string> broker_addrs;
  std::string broker_name;
  std::string cluster;
  bool enable_acting_master = false;
  std::optional<std::string> zone_name;
};
BOOST_DESCRIBE_STRUCT(BrokerData, (), (broker_addrs, broker_name, cluster, enable_acting_master, zone_name))

struct QueueDataBody {
  std::string broker_name;
  std::int32_t perm = 0;
  std::int32_t read_queue_nums = 0;
  std::int32_t topic_sys_flag = 0;
  std::int32_t write_queue_nums = 0;
};
BOOST_DESCRIBE_STRUCT(QueueDataBody, (), (broker_name, perm, read_queue_nums, topic_sys_flag, write_queue_nums))

struct MappingBody {
  std::string bname;
  std::map<std::int32_t, std::int32_t> curr_id_map;
  bool dirty = false;
  std::int64_t epoch = 0;
  std::string scope;
  std::string topic;
  std::int32_t total_queues = 0;
};
BOOST_DESCRIBE_STRUCT(MappingBody, (), (bname, curr_id_map, dirty, epoch, scope, topic, total_queues))

struct RouteBody {
  std::vector<BrokerData> broker_datas;
  std::map<std::string, std::vector<std::string>> filter_server_table;
  std::optional<std::string> order_topic_conf;
  std::vector<QueueDataBody> queue_datas;
  std::optional<std::map<std::string, MappingBody>> topic_queue_mapping_by_broker;
};
BOOST_DESCRIBE_STRUCT(RouteBody, (),
                      (broker_datas, filter_server_table, order_topic_conf, queue_datas, topic_queue_mapping_by_broker))

struct ClusterInfoBody {
  std::map<std::string, BrokerData> broker_addr_table;
  std::map<std::string, std::set<std::string>> cluster_addr_table;
};
BOOST_DESCRIBE_STRUCT(ClusterInfoBody, (), (broker_addr_table, cluster_addr_table))

struct TopicListBody {
  std::optional<std::string> broker_addr;
  std::vector<std::string> topic_list;
};
BOOST_DESCRIBE_STRUCT(TopicListBody, (), (broker_addr, topic_list))

struct MemberGroup {
  std::map<std::int64_t, std::string> broker_addrs;
  std::string broker_name;
  std::string cluster;
};
BOOST_DESCRIBE_STRUCT(MemberGroup, (), (broker_addrs, broker_name, cluster))

struct MemberGroupBody {
  MemberGroup broker_member_group;
};
BOOST_DESCRIBE_STRUCT(MemberGroupBody, (), (broker_member_group))

BrokerData body_of(const BrokerGroup& group) {
  return {.broker_addrs = group.addresses,
          .broker_name = group.name,
          .cluster = group.cluster,
          .enable_acting_master = group.enable_acting_master,
          .zone_name = group.zone};
}

MappingBody body_of(const QueueMapping& mapping) {
  return {.bname = mapping.broker_name,
          .curr_id_map = mapping.physical_of_logical,
          .dirty = mapping.dirty,
          .epoch = mapping.epoch,
          .scope = mapping.scope,
          .topic = mapping.topic,
          .total_queues = mapping.total_queues};
}

}  // namespace

std::string encode_route(const TopicRoute& route, JsonFlavour flavour) {
  RouteBody body;
  for (const BrokerGroup& group : route.groups) body.broker_datas.push_back(body_of(group));
  body.filter_server_table = route.filter_servers;
  body.order_topic_conf = route.order_conf;
  for (const auto& [broker_name, queues] : route.queues) {
    body.queue_datas.push_back({.broker_name = broker_name,
                                .perm = queues.perm,
                                .read_queue_nums = queues.read_queues,
                                .topic_sys_flag = queues.topic_sys_flag,
                                .write_queue_nums = queues.write_queues});
  }
  if (route.mappings) {
    auto& mappings = body.topic_queue_mapping_by_broker.emplace();
    for (const auto& [broker_name, mapping] : *route.mappings) mappings.emplace(broker_name, body_of(mapping));
  }
  return protocol::to_json(body, flavour == JsonFlavour::kStandard ? protocol::kStrictJson : protocol::JsonStyle{});
}

std::string encode_cluster_info(const std::map<std::string, BrokerGroup>& groups,
                                const std::map<std::string, std::set<std::string>>& clusters) {
  ClusterInfoBody body;
  for (const auto& [name, group] : groups) body.broker_addr_table.emplace(name, body_of(group));
  body.cluster_addr_table = clusters;
  return protocol::to_json(body);
}

std::string encode_topic_list(const std::vector<std::string>& topics,
                              const std::optional<std::string>& broker_address) {
  return protocol::to_json(TopicListBody{.broker_addr = broker_address, .topic_list = topics});
}

std::string encode_member_group(const std::string& cluster, const std::string& broker_name,
                                const std::map<std::int64_t, std::string>& addresses) {
  return protocol::to_json(MemberGroupBody{
      .broker_member_group = {.broker_addrs = addresses, .broker_name = broker_name, .cluster = cluster}});
}

}  // namespace ogive::namesrv
