// getBrokerConfig: a broker's settings (26).
#include "admin/brokers.h"
#include "admin/commands/commands.h"
#include "admin/config_text.h"
#include "admin/print.h"
#include "protocol/codes.h"

namespace ogive::admin {
namespace {

Status print_broker(Context& context, const std::string& title, const std::string& address) {
  print(context.out, "============{}============\n", title);
  const auto reply = context.cluster.ask(address, remoting::Message(protocol::request_code::kGetBrokerConfig));
  if (!reply) return fail(reply.error());
  print_properties(context.out, reply->body);
  context.out << '\n';
  return {};
}

Status print_cluster(Context& context, const std::string& cluster) {
  const auto info = context.cluster.info();
  if (!info) return fail(info.error());
  OGIVE_TRY(cluster_addresses(*info, cluster, Members::kAll));
  for (const std::string& name : info->cluster_addr_table.at(cluster)) {
    const auto broker = info->broker_addr_table.find(name);
    if (broker == info->broker_addr_table.end()) continue;
    std::string master = "NO_MASTER";
    for (const auto& [id, address] : broker->second.broker_addrs) {
      if (id == 0) {
        master = address;
        OGIVE_TRY(print_broker(context, "Master: " + address, address));
      } else {
        OGIVE_TRY(print_broker(context, fmt::format("My Master: {}=====Slave: {}", master, address), address));
      }
    }
  }
  return {};
}

Status run(Context& context) {
  if (const auto address = context.given("b")) return print_broker(context, *address, *address);
  return print_cluster(context, context.text("c"));
}

void options(settings::Options& options) {
  options.add_group(
      {optional("b", "brokerAddr", "get which broker"), optional("c", "clusterName", "get which cluster")}, true);
}

}  // namespace

Command get_broker_config() {
  return {"getBrokerConfig", "Get broker config by cluster or special broker.", options, run};
}

}  // namespace ogive::admin
