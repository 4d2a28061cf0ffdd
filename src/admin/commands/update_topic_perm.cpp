// updateTopicPerm: changes only a topic's permission (105, 17).
#include "admin/brokers.h"
#include "admin/commands/commands.h"
#include "admin/print.h"
#include "admin/topics.h"

namespace ogive::admin {
namespace {

Status run(Context& context) {
  const std::string topic = context.text("t");
  const auto permission = context.small_number("p", 0);
  if (!permission) return fail(permission.error());
  const auto route = context.cluster.route(topic);
  if (!route) return fail(route.error());
  const auto info = context.cluster.info();
  if (!info) return fail(info.error());
  const auto addresses = brokers_by_options(context, Members::kMasters);
  if (!addresses) return fail(addresses.error());
  for (const std::string& address : *addresses) {
    const auto name = broker_name_at(*info, address);
    if (!name) return fail(name.error());
    for (const protocol::QueueData& queues : route->queue_datas) {
      if (queues.broker_name != *name) continue;
      protocol::TopicConfig config;
      config.topic_name = topic;
      config.read_queue_nums = queues.read_queue_nums;
      config.write_queue_nums = queues.write_queue_nums;
      config.topic_sys_flag = queues.topic_sys_flag;
      config.perm = *permission;
      OGIVE_TRY(create_topic(context.cluster, address, config));
      print(context.out, "update topic perm from {} to {} in {} success.\n", queues.perm, *permission, address);
      if (context.has("b")) print(context.out, "{}.\n", topic_config_text(config));
    }
  }
  return {};
}

void options(settings::Options& options) {
  options.add(optional("b", "brokerAddr", "create topic to which broker"))
      .add(optional("c", "clusterName", "create topic to which cluster"))
      .add(required("t", "topic", "topic name"))
      .add(required("p", "perm", "set topic's permission(2|4|6), intro[2:W; 4:R; 6:RW]"));
}

}  // namespace

Command update_topic_perm() {
  return {"updateTopicPerm", "Update topic perm.", options, run};
}

}  // namespace ogive::admin
