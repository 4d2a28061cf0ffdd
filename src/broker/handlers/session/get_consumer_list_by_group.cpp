#include <fmt/core.h>

#include "broker/handlers/answers.h"
#include "broker/handlers/session/session_handlers.h"
#include "protocol/bodies/lists.h"
#include "protocol/headers/client.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const SessionPorts& ports, const protocol::GetConsumerListByGroupRequestHeader& header) {
  protocol::GetConsumerListByGroupResponseBody body;
  body.consumer_id_list = ports.consumers.client_ids(header.consumer_group);
  if (body.consumer_id_list.empty()) {
    return Message(code::kSystemError, fmt::format("no consumer for this group, {}", header.consumer_group));
  }
  Message message(code::kSuccess);
  message.body = protocol::to_json(body);
  return message;
}

}  // namespace

HandlerRow get_consumer_list_by_group(const SessionPorts& ports) {
  return {request_code::kGetConsumerListByGroup,
          "GET_CONSUMER_LIST_BY_GROUP",
          Lane::kReactor,
          with_header(ports, answer),
          "clients",
          "client ids of the group, or 1"};
}

}  // namespace ogive::broker::handlers
