#include "namesrv/handlers/answers.h"
#include "namesrv/handlers/handlers.h"
#include "namesrv/route_body.h"

namespace ogive::namesrv {

remoting::HandlerRow get_system_topic_list(Services& services) {
  const auto answer = [&services](const remoting::Request&) {
    const auto system = services.routes.system_topics();
    return success(encode_topic_list({system.topics.begin(), system.topics.end()}, system.broker_address));
  };
  return {protocol::request_code::kGetSystemTopicListFromNs,
          "GET_SYSTEM_TOPIC_LIST_FROM_NS",
          remoting::Lane::kReactor,
          remoting::Answer(answer),
          "operators",
          "cluster and broker names, with one broker address"};
}

}  // namespace ogive::namesrv
