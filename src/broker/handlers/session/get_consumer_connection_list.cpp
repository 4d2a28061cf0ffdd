#include <fmt/core.h>

#include "broker/handlers/answers.h"
#include "broker/handlers/session/connection_of.h"
#include "broker/handlers/session/session_handlers.h"
#include "protocol/bodies/connections.h"
#include "protocol/headers/client.h"

namespace ogive::broker::handlers {
namespace {

template <class Enum>
Enum named(std::string_view name) {
  Enum value{};
  for (std::size_t i = 0; i < protocol::kEnumNames<Enum>.size(); ++i) {
    if (protocol::kEnumNames<Enum>[i] == name) value = static_cast<Enum>(i);
  }
  return value;
}

Message answer(const SessionPorts& ports, const protocol::GetConsumerConnectionListRequestHeader& header) {
  const ConsumerGroupPtr group = ports.consumers.find(header.consumer_group);
  if (!group) {
    return Message(code::kConsumerNotOnline, fmt::format("the consumer group[{}] not online", header.consumer_group));
  }
  protocol::ConsumerConnection body;
  for (const ClientSession& session : ports.consumers.members(header.consumer_group)) {
    body.connection_set.push_back(connection_of(session));
  }
  for (const auto& [topic, subscription] : group->subscriptions) body.subscription_table[topic] = subscription->data;
  body.consume_type = named<protocol::ConsumeType>(group->consume_type);
  body.message_model = named<protocol::MessageModel>(group->message_model);
  body.consume_from_where = named<protocol::ConsumeFromWhere>(group->consume_from_where);
  return success(protocol::to_json(body));
}

}  // namespace

HandlerRow get_consumer_connection_list(const SessionPorts& ports) {
  return {request_code::kGetConsumerConnectionList,
          "GET_CONSUMER_CONNECTION_LIST",
          Lane::kBlocking,
          with_header(ports, answer),
          "operators",
          "who consumes in the group and what it subscribes to, or 206"};
}

}  // namespace ogive::broker::handlers
