// producer: every producer of a broker (328).
#include "admin/commands/commands.h"
#include "admin/hash_order.h"
#include "admin/print.h"
#include "protocol/bodies/connections.h"
#include "protocol/codes.h"

namespace ogive::admin {
namespace {

Status run(Context& context) {
  const auto table = context.cluster.ask_json<protocol::ProducerTableInfo>(
      context.text("b"), remoting::Message(protocol::request_code::kGetAllProducerInfo));
  if (!table) return fail(table.error());
  using Entry = std::pair<const std::string, std::vector<protocol::ProducerInfo>>;
  for (const auto& [group, producers] : in_java_order(table->data, &Entry::first)) {
    if (producers.empty()) print(context.out, "producer group ({}) instances are empty\n", group);
    for (const protocol::ProducerInfo& one : producers) {
      print(context.out,
            "producer group ({}) instance : clientId={},remoteIP={}, language={}, version={}, "
            "lastUpdateTimestamp={}\n",
            group, one.client_id, one.remote_ip, one.language, one.version, one.last_update_timestamp);
    }
  }
  return {};
}

void options(settings::Options& options) {
  options.add(required("b", "broker", "broker address"));
}

}  // namespace

Command producer() {
  return {"producer", "Query producer's instances, connection, status, etc.", options, run};
}

}  // namespace ogive::admin
