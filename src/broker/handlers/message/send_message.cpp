#include "broker/handlers/answers.h"
#include "broker/handlers/message/message_handlers.h"

namespace ogive::broker::handlers {

HandlerRow send_message(const ReactorSides& sides) {
  const auto handle = [&sides](const Request& request) { sides[request.reply_to.channel.reactor].send->send(request); };
  return {request_code::kSendMessage, "SEND_MESSAGE", Lane::kReactor,
          AnswerLater(handle),        "clients",      "stores a message; header fields by their names"};
}

}  // namespace ogive::broker::handlers
