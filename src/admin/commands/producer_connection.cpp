// producerConnection: the clients of a producer group (204).
#include "admin/brokers.h"
#include "admin/commands/commands.h"
#include "admin/print.h"
#include "protocol/bodies/connections.h"
#include "protocol/codes.h"
#include "protocol/headers/client.h"
#include "protocol/version_name.h"

namespace ogive::admin {
namespace {

Status run(Context& context) {
  const std::string group = context.text("g");
  const auto addresses = topic_addresses(context.cluster, context.text("t"));
  if (!addresses) return fail(addresses.error());
  const auto connection = context.cluster.ask_json<protocol::ProducerConnection>(
      addresses->front(), client::make_request(protocol::request_code::kGetProducerConnectionList,
                                               protocol::GetProducerConnectionListRequestHeader{group}));
  if (!connection) return fail(connection.error());
  if (connection->connection_set.empty()) return fail(Errc::kNotFound, "Not found the producer group connection");
  int line = 1;
  for (const protocol::Connection& client : connection->connection_set) {
    print(context.out, "{:04}  {:<32} {:<22} {:<8} {}\n", line++, client.client_id, client.client_addr, client.language,
          protocol::version_name(client.version));
  }
  return {};
}

void options(settings::Options& options) {
  options.add(required("g", "producerGroup", "producer group name")).add(required("t", "topic", "topic name"));
}

}  // namespace

Command producer_connection() {
  return {"producerConnection", "Query producer's socket connection and client version.", options, run};
}

}  // namespace ogive::admin
