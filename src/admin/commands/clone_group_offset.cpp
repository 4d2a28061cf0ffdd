// cloneGroupOffset: gives one group the progress of another (208, 15).
#include "admin/commands/commands.h"
#include "admin/groups.h"
#include "admin/print.h"
#include "client/route.h"

namespace ogive::admin {
namespace {

Status run(Context& context) {
  const std::string from = context.text("s");
  const std::string to = context.text("d");
  const std::string topic = context.text("t");
  const auto stats = consume_stats(context.cluster, from);
  if (!stats) return fail(stats.error());
  const auto route = context.cluster.route(topic);
  if (!route) return fail(route.error());
  std::map<std::string, std::string> addresses;
  for (const auto& broker : route->broker_datas) {
    if (auto address = client::master_or_slave_of(broker)) addresses.emplace(broker.broker_name, *address);
  }
  for (const auto& [queue, offsets] : stats->offset_table) {
    const auto address = addresses.find(queue.broker_name);
    if (offsets.consumer_offset < 0 || address == addresses.end()) continue;
    OGIVE_TRY(set_offset(context.cluster, address->second, to, queue, offsets.consumer_offset));
  }
  print(context.out, "clone group offset success. srcGroup[{}], destGroup=[{}], topic[{}]", from, to, topic);
  return {};
}

void options(settings::Options& options) {
  options.add(required("s", "srcGroup", "set source consumer group"))
      .add(required("d", "destGroup", "set destination consumer group"))
      .add(required("t", "topic", "set the topic"))
      .add(optional("o", "offline", "the group or the topic is offline"));
}

}  // namespace

Command clone_group_offset() {
  return {"cloneGroupOffset", "Clone offset from other group.", options, run};
}

}  // namespace ogive::admin
