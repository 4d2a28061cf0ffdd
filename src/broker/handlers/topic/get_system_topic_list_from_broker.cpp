#include "broker/handlers/answers.h"
#include "broker/handlers/topic/topic_handlers.h"
#include "protocol/bodies/lists.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const TopicPorts& ports, const Request&) {
  protocol::TopicList body;
  for (auto& topic : ports.topics.system_topics()) body.topic_list.insert(std::move(topic));
  return success(protocol::to_json(body));
}

}  // namespace

HandlerRow get_system_topic_list_from_broker(const TopicPorts& ports) {
  return {request_code::kGetSystemTopicListFromBroker,
          "GET_SYSTEM_TOPIC_LIST_FROM_BROKER",
          Lane::kBlocking,
          Answer([ports](const Request& request) { return answer(ports, request); }),
          "operators",
          "names of the topics that the system itself uses"};
}

}  // namespace ogive::broker::handlers
