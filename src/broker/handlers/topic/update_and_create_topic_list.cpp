#include "broker/handlers/answers.h"
#include "broker/handlers/topic/changeable.h"
#include "broker/handlers/topic/topic_handlers.h"
#include "protocol/bodies/topic_config.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const TopicPorts& ports, const Request& request) {
  auto body = protocol::from_json<protocol::CreateTopicListRequestBody>(request.frame.body);
  if (!body) return Message(code::kSystemError, "topic list: " + body.error().message());
  for (const auto& topic : body->topic_config_list) {
    if (auto refusal = refuse_change(ports, topic.topic_name)) return *refusal;
  }
  return of_change(ports.topics.create_or_update_all(std::move(body->topic_config_list)), ports.topics);
}

}  // namespace

HandlerRow update_and_create_topic_list(const TopicPorts& ports) {
  return {request_code::kUpdateAndCreateTopicList,
          "UPDATE_AND_CREATE_TOPIC_LIST",
          Lane::kBlocking,
          Answer([ports](const Request& request) { return answer(ports, request); }),
          "operators",
          "the same for several topics, all or none"};
}

}  // namespace ogive::broker::handlers
