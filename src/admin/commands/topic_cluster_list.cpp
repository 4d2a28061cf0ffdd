// topicClusterList: the clusters a topic is in (106, 105).
#include "admin/brokers.h"
#include "admin/commands/commands.h"

namespace ogive::admin {
namespace {

Status run(Context& context) {
  const auto info = context.cluster.info();
  if (!info) return fail(info.error());
  const auto route = context.cluster.route(context.text("t"));
  if (!route) return fail(route.error());
  if (route->broker_datas.empty()) return fail(Errc::kNotFound, "no broker has the topic");
  for (const auto& [cluster, names] : info->cluster_addr_table) {
    if (names.contains(route->broker_datas.front().broker_name)) context.out << cluster << '\n';
  }
  return {};
}

void options(settings::Options& options) {
  options.add(required("t", "topic", "topic name"));
}

}  // namespace

Command topic_cluster_list() {
  return {"topicClusterList", "Get cluster info for topic.", options, run};
}

}  // namespace ogive::admin
