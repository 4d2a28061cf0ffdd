#include "broker/handlers/answers.h"
#include "broker/handlers/message/message_handlers.h"

namespace ogive::broker::handlers {

HandlerRow send_batch_message(const ReactorSides& sides) {
  const auto handle = [&sides](const Request& request) {
    sides[request.reply_to.channel.reactor].send->send_batch(request);
  };
  return {request_code::kSendBatchMessage,
          "SEND_BATCH_MESSAGE",
          Lane::kReactor,
          AnswerLater(handle),
          "clients",
          "stores the messages of one body, all or none"};
}

}  // namespace ogive::broker::handlers
