// updateBrokerConfig: changes one setting of brokers (25).
#include "admin/brokers.h"
#include "admin/commands/commands.h"
#include "admin/print.h"
#include "base/settings/properties.h"
#include "protocol/codes.h"

namespace ogive::admin {
namespace {

Status run(Context& context) {
  const auto addresses = brokers_by_options(context, context.has("a") ? Members::kAll : Members::kMasters);
  if (!addresses) return fail(addresses.error());
  for (const std::string& address : *addresses) {
    remoting::Message request(protocol::request_code::kUpdateBrokerConfig);
    request.body = settings::property_line(context.text("k"), context.text("v"));
    const auto reply = context.cluster.ask(address, std::move(request));
    if (reply) {
      print(context.out, "update broker config success, {}\n", address);
    } else {
      context.report(reply.error());
    }
  }
  return {};
}

void options(settings::Options& options) {
  options.add(optional("b", "brokerAddr", "update which broker"))
      .add(optional("c", "clusterName", "update which cluster"))
      .add(optional("a", "updateAllBroker", "update all brokers include slave"))
      .add(required("k", "key", "config key"))
      .add(required("v", "value", "config value"));
}

}  // namespace

Command update_broker_config() {
  return {"updateBrokerConfig", "Update broker's config.", options, run};
}

}  // namespace ogive::admin
