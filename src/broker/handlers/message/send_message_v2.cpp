#include "broker/handlers/answers.h"
#include "broker/handlers/message/message_handlers.h"

namespace ogive::broker::handlers {

HandlerRow send_message_v2(const ReactorSides& sides) {
  const auto handle = [&sides](const Request& request) { sides[request.reply_to.channel.reactor].send->send(request); };
  return {request_code::kSendMessageV2, "SEND_MESSAGE_V2", Lane::kReactor,
          AnswerLater(handle),          "clients",         "the same with one-letter header fields"};
}

}  // namespace ogive::broker::handlers
