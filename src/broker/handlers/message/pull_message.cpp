#include "broker/handlers/answers.h"
#include "broker/handlers/message/message_handlers.h"

namespace ogive::broker::handlers {

HandlerRow pull_message(const ReactorSides& sides) {
  const auto handle = [&sides](const Request& request) { sides[request.reply_to.channel.reactor].pull->pull(request); };
  return {request_code::kPullMessage, "PULL_MESSAGE", Lane::kReactor,
          AnswerLater(handle),        "clients",      "messages from an offset; waits for the first one when asked to"};
}

}  // namespace ogive::broker::handlers
