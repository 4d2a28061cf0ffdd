#include "admin/topics.h"

#include <fmt/core.h>

#include "admin/brokers.h"
#include "admin/hash_order.h"
#include "admin/text.h"
#include "protocol/bodies/lists.h"
#include "protocol/codes.h"
#include "protocol/headers/namesrv.h"
#include "protocol/headers/topic.h"

namespace ogive::admin {

namespace code = protocol::request_code;
using client::make_request;

namespace {

/// protocol::TopicList with the order in which it came.
struct ListedTopics {
  std::vector<std::string> topic_list;
};
BOOST_DESCRIBE_STRUCT(ListedTopics, (), (topic_list))

}  // namespace

Result<std::vector<std::string>> all_topics(Cluster& cluster) {
  const auto reply = cluster.ask_name_server(remoting::Message(code::kGetAllTopicListFromNameserver));
  if (!reply) return fail(reply.error());
  const auto list = reply->json<ListedTopics>();
  if (!list) return fail(list.error());
  return in_java_order(list->topic_list);
}

Result<std::set<std::string>> groups_of_topic(Cluster& cluster, std::string_view topic) {
  const auto addresses = topic_addresses(cluster, topic);
  if (!addresses) return fail(addresses.error());
  auto list = cluster.ask_json<protocol::GroupList>(
      addresses->front(),
      make_request(code::kQueryTopicConsumeByWho, protocol::QueryTopicConsumeByWhoRequestHeader{topic}));
  if (!list) return fail(list.error());
  return std::move(list->group_list);
}

Result<protocol::TopicStatsTable> topic_stats(Cluster& cluster, std::string_view topic) {
  const auto addresses = topic_addresses(cluster, topic);
  if (!addresses) return fail(addresses.error());
  protocol::TopicStatsTable all;
  for (const std::string& address : *addresses) {
    auto stats = cluster.ask_json<protocol::TopicStatsTable>(
        address, make_request(code::kGetTopicStatsInfo, protocol::GetTopicStatsInfoRequestHeader{topic}));
    if (!stats) return fail(stats.error());
    all.offset_table.merge(stats->offset_table);
    all.topic_put_tps += stats->topic_put_tps;
  }
  if (all.offset_table.empty()) return fail(Errc::kNotFound, "Not found the topic stats info");
  return all;
}

Status create_topic(Cluster& cluster, std::string_view address, const protocol::TopicConfig& config) {
  std::string attributes;
  for (const auto& [name, value] : config.attributes) {
    attributes += fmt::format("{}{}{}{}", attributes.empty() ? "" : ",", name, value.empty() ? "" : "=", value);
  }
  protocol::CreateTopicRequestHeader header;
  header.topic = config.topic_name;
  header.default_topic = "TBW102";
  header.read_queue_nums = config.read_queue_nums;
  header.write_queue_nums = config.write_queue_nums;
  header.perm = config.perm;
  header.topic_filter_type = protocol::enum_name(config.topic_filter_type);
  header.topic_sys_flag = config.topic_sys_flag;
  header.order = config.order;
  header.attributes = attributes;
  OGIVE_TRY(cluster.ask(address, make_request(code::kUpdateAndCreateTopic, header)));
  return {};
}

std::string topic_config_text(const protocol::TopicConfig& config) {
  return fmt::format(
      "TopicConfig [topicName={}, readQueueNums={}, writeQueueNums={}, perm={}, topicFilterType={}, topicSysFlag={}, "
      "order={}, attributes={}]",
      config.topic_name, config.read_queue_nums, config.write_queue_nums, permission_text(config.perm),
      protocol::enum_name(config.topic_filter_type), config.topic_sys_flag, config.order, map_text(config.attributes));
}

Status remove_from_brokers(Cluster& cluster, const std::vector<std::string>& addresses, std::string_view topic) {
  for (const std::string& address : addresses) {
    OGIVE_TRY(
        cluster.ask(address, make_request(code::kDeleteTopicInBroker, protocol::DeleteTopicRequestHeader{topic})));
  }
  return {};
}

Status remove_from_name_servers(Cluster& cluster, std::string_view cluster_name, std::string_view topic) {
  return cluster.ask_every_name_server(
      make_request(code::kDeleteTopicInNamesrv, protocol::DeleteTopicFromNamesrvRequestHeader{topic, cluster_name}));
}

Status put_order(Cluster& cluster, std::string_view topic, std::string_view order) {
  return cluster.ask_every_name_server(
      make_request(code::kPutKvConfig, protocol::PutKVConfigRequestHeader{kOrderNamespace, topic, order}));
}

Result<std::string> get_order(Cluster& cluster, std::string_view topic) {
  const auto reply = cluster.ask_name_server(
      make_request(code::kGetKvConfig, protocol::GetKVConfigRequestHeader{kOrderNamespace, topic}));
  if (!reply) return fail(reply.error());
  return std::string(reply->find("value").value_or(""));
}

}  // namespace ogive::admin
