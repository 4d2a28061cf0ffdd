#include "namesrv/handlers/answers.h"
#include "namesrv/handlers/handlers.h"
#include "namesrv/names.h"
#include "namesrv/registration_body.h"
#include "protocol/headers/namesrv.h"

namespace ogive::namesrv {

remoting::HandlerRow register_topic(Services& services) {
  const auto answer = [&services](const remoting::Request& request) {
    const auto header = protocol::decode_header<protocol::RegisterTopicRequestHeader>(request.frame);
    if (!header) return bad_header(header.error());
    if (const auto named = check_name("topic", header->topic); !named) return invalid(named.error());
    const auto queues = decode_topic_queues(as_chars(request.frame.body));
    if (!queues) return bad_header(queues.error());
    // Queues of unknown brokers are logged and not taken; the answer is the same, as brokers expect it.
    services.routes.register_topic(std::string(header->topic), *queues);
    return success();
  };
  return {protocol::request_code::kRegisterTopicInNamesrv,
          "REGISTER_TOPIC_IN_NAMESRV",
          remoting::Lane::kReactor,
          remoting::Answer(answer),
          "brokers",
          "adds one topic; taken only when every broker it names is known"};
}

}  // namespace ogive::namesrv
