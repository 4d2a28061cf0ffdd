// consumerConnection: the clients of a group and what they subscribe to (203).
#include "admin/commands/commands.h"
#include "admin/groups.h"
#include "admin/hash_order.h"
#include "admin/print.h"
#include "protocol/version_name.h"

namespace ogive::admin {
namespace {

Status run(Context& context) {
  const auto connection = consumer_connections(context.cluster, context.text("g"), context.text("b"));
  if (!connection) return fail(connection.error().error);
  if (connection->connection_set.empty()) {
    return fail(Errc::kNotFound, "CODE: 206  DESC: Not found the consumer group connection");
  }
  print(context.out, "{:<36} {:<22} {:<10} {}\n", "#ClientId", "#ClientAddr", "#Language", "#Version");
  for (const protocol::Connection& client : connection->connection_set) {
    print(context.out, "{:<36} {:<22} {:<10} {}\n", client.client_id, client.client_addr, client.language,
          protocol::version_name(client.version));
  }
  print(context.out, "\nBelow is subscription:\n{:<20} {}\n", "#Topic", "#SubExpression");
  for (const auto& [topic, data] : in_java_order(connection->subscription_table,
                                                 &std::pair<const std::string, protocol::SubscriptionData>::first)) {
    print(context.out, "{:<20} {}\n", data.topic, data.sub_string);
  }
  print(context.out, "\nConsumeType: {}\nMessageModel: {}\nConsumeFromWhere: {}\n",
        protocol::enum_name(connection->consume_type), protocol::enum_name(connection->message_model),
        protocol::enum_name(connection->consume_from_where));
  return {};
}

void options(settings::Options& options) {
  options.add(required("g", "consumerGroup", "consumer group name")).add(optional("b", "brokerAddr", "broker address"));
}

}  // namespace

Command consumer_connection() {
  return {"consumerConnection", "Query consumer's socket connection, client version and subscription.", options, run};
}

}  // namespace ogive::admin
