#include "broker/handlers/answers.h"
#include "broker/handlers/client/client_handlers.h"
#include "protocol/bodies/offsets.h"
#include "protocol/headers/client.h"

namespace ogive::broker::handlers {
namespace {

Message merged(const ClientCalls::Answers& answers) {
  protocol::GetConsumerStatusBody body;
  for (const auto& [client_id, answer] : answers) {
    if (answer.code != code::kSuccess || answer.body.empty()) continue;
    if (auto status = protocol::from_json<protocol::GetConsumerStatusBody>(as_bytes(answer.body))) {
      body.consumer_table[client_id] = std::move(status->message_queue_table);
    }
  }
  return success(protocol::to_json(body));
}

void handle(const ClientPorts& ports, const Request& request) {
  const auto header = protocol::decode_header<protocol::GetConsumerStatusRequestHeader>(request.frame);
  if (!header) return request.channel->reply(request.reply_to, bad_request(header.error()));
  Message call(request_code::kGetConsumerStatusFromClient);
  call.field("topic", header->topic);
  call.field("group", header->group);
  const Status asked =
      ports.calls.ask_all(header->group, header->client_addr.value_or(""), call,
                          [&calls = ports.calls, to = request.reply_to](const ClientCalls::Answers& answers) {
                            calls.reply(to, merged(answers));
                          });
  if (!asked) request.channel->reply(request.reply_to, bad_request(asked.error()));
}

}  // namespace

HandlerRow invoke_broker_to_get_consumer_status(const ClientPorts& ports) {
  return {request_code::kInvokeBrokerToGetConsumerStatus,
          "INVOKE_BROKER_TO_GET_CONSUMER_STATUS",
          Lane::kReactor,
          AnswerLater([ports](const Request& request) { handle(ports, request); }),
          "operators",
          "offsets as the online consumers of the group know them (221 to each, 5 s), or of `clientAddr` alone"};
}

}  // namespace ogive::broker::handlers
