// brokerStatus: a broker's runtime figures (28).
#include "admin/brokers.h"
#include "admin/commands/commands.h"
#include "admin/print.h"
#include "protocol/bodies/lists.h"
#include "protocol/codes.h"

namespace ogive::admin {
namespace {

Status print_broker(Context& context, const std::string& address, bool with_address) {
  const auto figures = context.cluster.ask_json<protocol::KVTable>(
      address, remoting::Message(protocol::request_code::kGetBrokerRuntimeInfo));
  if (!figures) return fail(figures.error());
  for (const auto& [name, value] : figures->table) {
    if (with_address) print(context.out, "{:<24} ", address);
    print(context.out, "{:<32}: {}\n", name, value);
  }
  return {};
}

Status run(Context& context) {
  const auto addresses = brokers_by_options(context, Members::kAll);
  if (!addresses) return fail(addresses.error());
  if (context.has("b")) return print_broker(context, addresses->front(), false);
  for (const std::string& address : *addresses) {
    if (const Status done = print_broker(context, address, true); !done) context.report(done.error());
  }
  return {};
}

void options(settings::Options& options) {
  options.add_group({optional("b", "brokerAddr", "Broker address"), optional("c", "clusterName", "which cluster")},
                    true);
}

}  // namespace

Command broker_status() {
  return {"brokerStatus", "Fetch broker runtime status data.", options, run};
}

}  // namespace ogive::admin
