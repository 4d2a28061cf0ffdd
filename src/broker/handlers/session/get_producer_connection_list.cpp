#include <fmt/core.h>

#include "broker/handlers/answers.h"
#include "broker/handlers/session/connection_of.h"
#include "broker/handlers/session/session_handlers.h"
#include "protocol/headers/client.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const SessionPorts& ports, const protocol::GetProducerConnectionListRequestHeader& header) {
  protocol::ProducerConnection body;
  for (const ClientSession& session : ports.producers.members(header.producer_group)) {
    body.connection_set.push_back(connection_of(session));
  }
  if (body.connection_set.empty()) {
    return Message(code::kSystemError, fmt::format("the producer group[{}] not exist", header.producer_group));
  }
  return success(protocol::to_json(body));
}

}  // namespace

HandlerRow get_producer_connection_list(const SessionPorts& ports) {
  return {request_code::kGetProducerConnectionList,
          "GET_PRODUCER_CONNECTION_LIST",
          Lane::kBlocking,
          with_header(ports, answer),
          "operators",
          "who produces in the group, or 1"};
}

}  // namespace ogive::broker::handlers
