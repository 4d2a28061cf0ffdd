// deleteTopic: removes a topic from the brokers of a cluster and from the name servers (215, 216).
#include "admin/brokers.h"
#include "admin/commands/commands.h"
#include "admin/print.h"
#include "admin/topics.h"

namespace ogive::admin {
namespace {

Status run(Context& context) {
  const std::string topic = context.text("t");
  const std::string cluster = context.text("c");
  const auto addresses = brokers_by_options(context, Members::kMasters);
  if (!addresses) return fail(addresses.error());
  OGIVE_TRY(remove_from_brokers(context.cluster, *addresses, topic));
  print(context.out, "delete topic [{}] from cluster [{}] success.\n", topic, cluster);
  OGIVE_TRY(remove_from_name_servers(context.cluster, cluster, topic));
  print(context.out, "delete topic [{}] from NameServer success.\n", topic);
  return {};
}

void options(settings::Options& options) {
  options.add(required("t", "topic", "topic name"))
      .add(required("c", "clusterName", "delete topic from which cluster"));
}

}  // namespace

Command delete_topic() {
  return {"deleteTopic", "Delete topic from broker and NameServer.", options, run};
}

}  // namespace ogive::admin
