#include "broker/handlers/answers.h"
#include "broker/handlers/message/message_handlers.h"

namespace ogive::broker::handlers {

HandlerRow consumer_send_msg_back(const ReactorSides& sides) {
  const auto handle = [&sides](const Request& request) {
    sides[request.reply_to.channel.reactor].send_back->send_back(request);
  };
  return {request_code::kConsumerSendMsgBack,
          "CONSUMER_SEND_MSG_BACK",
          Lane::kReactor,
          AnswerLater(handle),
          "clients",
          "stores a message again for its group, later; after the last time as a dead letter"};
}

}  // namespace ogive::broker::handlers
