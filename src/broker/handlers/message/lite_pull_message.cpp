#include "broker/handlers/answers.h"
#include "broker/handlers/message/message_handlers.h"

namespace ogive::broker::handlers {

HandlerRow lite_pull_message(const ReactorSides& sides) {
  const auto handle = [&sides](const Request& request) { sides[request.reply_to.channel.reactor].pull->pull(request); };
  return {request_code::kLitePullMessage,
          "LITE_PULL_MESSAGE",
          Lane::kReactor,
          AnswerLater(handle),
          "clients",
          "the same for pull consumers that assign queues themselves"};
}

}  // namespace ogive::broker::handlers
