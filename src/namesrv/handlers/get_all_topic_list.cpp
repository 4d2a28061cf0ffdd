#include "namesrv/handlers/answers.h"
#include "namesrv/handlers/handlers.h"
#include "namesrv/route_body.h"

namespace ogive::namesrv {

remoting::HandlerRow get_all_topic_list(Services& services) {
  const auto answer = [&services](const remoting::Request&) {
    if (!services.config.settings().get_bool("enableAllTopicList")) return disabled();
    return success(encode_topic_list(services.routes.all_topics()));
  };
  return {protocol::request_code::kGetAllTopicListFromNameserver,
          "GET_ALL_TOPIC_LIST_FROM_NAMESERVER",
          remoting::Lane::kBlocking,
          remoting::Answer(answer),
          "operators",
          "all topic names; 1 `disable` when `enableAllTopicList=false`"};
}

}  // namespace ogive::namesrv
