// topicList: every topic the name server knows, with -c also its cluster and its groups (206, 300).
#include "admin/brokers.h"
#include "admin/commands/commands.h"
#include "admin/hash_order.h"
#include "admin/print.h"
#include "admin/text.h"
#include "admin/topics.h"
#include "protocol/codes.h"

namespace ogive::admin {
namespace {

/// The groups that consume a topic and the cluster it is in; both may be empty.
std::pair<std::string, std::vector<std::string>> consumers(Context& context, const protocol::ClusterInfo& info,
                                                           const std::string& topic) {
  const auto route = context.cluster.route(topic);
  if (!route || route->broker_datas.empty()) return {};
  const std::string cluster = cluster_of(info, route->broker_datas.front().broker_name);
  const auto groups = groups_of_topic(context.cluster, topic);
  return {cluster, groups ? in_java_order(*groups) : std::vector<std::string>{}};
}

Status print_with_clusters(Context& context) {
  const auto info = context.cluster.info();
  if (!info) return fail(info.error());
  print(context.out, "{:<20}  {:<48}  {:<48}\n", "#Cluster Name", "#Topic", "#Consumer Group");
  const auto topics = all_topics(context.cluster);
  if (!topics) return fail(topics.error());
  for (const std::string& topic : *topics) {
    if (topic.starts_with("%RETRY%") || topic.starts_with("%DLQ%")) continue;
    auto [cluster, groups] = consumers(context, *info, topic);
    if (groups.empty()) groups.emplace_back();
    for (const std::string& group : groups) {
      print(context.out, "{:<20}  {:<64}  {:<64}\n", front(cluster, 20), front(topic, 64), front(group, 64));
    }
  }
  return {};
}

Status run(Context& context) {
  if (context.has("c")) return print_with_clusters(context);
  const auto topics = all_topics(context.cluster);
  if (!topics) return fail(topics.error());
  for (const std::string& topic : *topics) context.out << topic << '\n';
  return {};
}

void options(settings::Options& options) {
  options.add(flag("c", "clusterModel", "clusterModel"));
}

}  // namespace

Command topic_list() {
  return {"topicList", "Fetch all topic list from name server.", options, run};
}

}  // namespace ogive::admin
