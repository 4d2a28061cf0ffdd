#include "broker/handlers/answers.h"
#include "broker/handlers/topic/topic_handlers.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const TopicPorts& ports, const Request&) {
  protocol::TopicConfigAndMappingSerializeWrapper body;
  for (const TopicPtr& topic : ports.topics.snapshot()) body.topic_config_table[topic->topic_name] = *topic;
  body.data_version = ports.topics.data_version();
  Message message(code::kSuccess);
  message.field("totalTopicNum", static_cast<std::int64_t>(body.topic_config_table.size()));
  message.body = protocol::to_json(body);
  return message;
}

}  // namespace

HandlerRow get_all_topic_config(const TopicPorts& ports) {
  return {request_code::kGetAllTopicConfig,
          "GET_ALL_TOPIC_CONFIG",
          Lane::kBlocking,
          Answer([ports](const Request& request) { return answer(ports, request); }),
          "operators, slaves",
          "all topics; `totalTopicNum`"};
}

}  // namespace ogive::broker::handlers
