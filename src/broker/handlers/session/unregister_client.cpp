#include "broker/handlers/answers.h"
#include "broker/handlers/session/session_handlers.h"
#include "protocol/headers/client.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const SessionPorts& ports, const Request& request) {
  auto header = protocol::decode_header<protocol::UnregisterClientRequestHeader>(request.frame);
  if (!header) return Message(code::kSystemError, header.error().message());
  if (header->producer_group) ports.producers.unregister_producer(request.reply_to.channel, *header->producer_group);
  if (header->consumer_group) ports.consumers.unregister_consumer(request.reply_to.channel, *header->consumer_group);
  return success();
}

}  // namespace

HandlerRow unregister_client(const SessionPorts& ports) {
  return {request_code::kUnregisterClient,
          "UNREGISTER_CLIENT",
          Lane::kReactor,
          Answer([ports](const Request& request) { return answer(ports, request); }),
          "clients",
          "forgets the client in the named groups"};
}

}  // namespace ogive::broker::handlers
