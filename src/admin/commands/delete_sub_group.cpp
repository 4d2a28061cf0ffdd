// deleteSubGroup: removes a consumer group (207), and with a whole cluster its retry and dead-letter topics.
#include "admin/brokers.h"
#include "admin/commands/commands.h"
#include "admin/print.h"
#include "admin/topics.h"
#include "protocol/codes.h"
#include "protocol/headers/client.h"

namespace ogive::admin {
namespace {

/// Removes the topics that only this group uses.
Status remove_topics(Context& context, const std::vector<std::string>& addresses, const std::string& group) {
  for (const char* prefix : {"%RETRY%", "%DLQ%"}) {
    OGIVE_TRY(remove_from_brokers(context.cluster, addresses, prefix + group));
    OGIVE_TRY(remove_from_name_servers(context.cluster, context.text("c"), prefix + group));
  }
  return {};
}

Status run(Context& context) {
  const std::string group = context.text("g");
  const auto addresses = brokers_by_options(context, Members::kMasters);
  if (!addresses) return fail(addresses.error());
  for (const std::string& address : *addresses) {
    OGIVE_TRY(context.cluster.ask(
        address, client::make_request(protocol::request_code::kDeleteSubscriptiongroup,
                                      protocol::DeleteSubscriptionGroupRequestHeader{group, context.is_true("r")})));
    if (context.has("b")) {
      print(context.out, "delete subscription group [{}] from broker [{}] success.\n", group, address);
    } else {
      print(context.out, "delete subscription group [{}] from broker [{}] in cluster [{}] success.\n", group, address,
            context.text("c"));
    }
  }
  return context.has("b") ? Status{} : remove_topics(context, *addresses, group);
}

void options(settings::Options& options) {
  options.add(optional("b", "brokerAddr", "delete subscription group from which broker"))
      .add(optional("c", "clusterName", "delete subscription group from which cluster"))
      .add(required("g", "groupName", "subscription group name"))
      .add(optional("r", "removeOffset", "remove offset"));
}

}  // namespace

Command delete_sub_group() {
  return {"deleteSubGroup", "Delete subscription group from broker.", options, run};
}

}  // namespace ogive::admin
