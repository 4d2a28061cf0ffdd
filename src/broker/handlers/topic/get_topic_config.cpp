#include <fmt/core.h>

#include "broker/handlers/answers.h"
#include "broker/handlers/topic/topic_handlers.h"
#include "protocol/headers/topic.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const TopicPorts& ports, const protocol::GetTopicConfigRequestHeader& header) {
  const TopicPtr topic = ports.topics.find(header.topic);
  if (!topic) return Message(code::kTopicNotExist, fmt::format("No topic in this broker. topic: {}", header.topic));
  protocol::TopicConfigAndQueueMapping body;
  static_cast<protocol::TopicConfig&>(body) = *topic;
  Message message(code::kSuccess);
  message.body = protocol::to_json(body);
  return message;
}

}  // namespace

HandlerRow get_topic_config(const TopicPorts& ports) {
  return {request_code::kGetTopicConfig, "GET_TOPIC_CONFIG", Lane::kBlocking,
          with_header(ports, answer),    "operators",        "one topic, or 17"};
}

}  // namespace ogive::broker::handlers
