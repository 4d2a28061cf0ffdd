#include "broker/handlers/answers.h"
#include "broker/handlers/client/client_handlers.h"
#include "protocol/headers/client.h"

namespace ogive::broker::handlers {
namespace {

/// The request as it came, for the consumer's eyes.
void handle(const ClientPorts& ports, const Request& request) {
  const auto header = protocol::decode_header<protocol::GetConsumerRunningInfoRequestHeader>(request.frame);
  if (!header) return request.channel->reply(request.reply_to, bad_request(header.error()));
  Message call(request_code::kGetConsumerRunningInfo);
  for (const auto& field : request.frame.fields) call.field(field.name, field.value);
  call.body = as_chars(request.frame.body);
  ports.calls.relay(request.reply_to, header->consumer_group, header->client_id, std::move(call));
}

}  // namespace

HandlerRow get_consumer_running_info(const ClientPorts& ports) {
  return {request_code::kGetConsumerRunningInfo,
          "GET_CONSUMER_RUNNING_INFO",
          Lane::kReactor,
          AnswerLater([ports](const Request& request) { handle(ports, request); }),
          "operators",
          "what the consumer `clientId` says of itself; 1 when it is not online, 207 when it does not answer in 10 s"};
}

}  // namespace ogive::broker::handlers
