#include "broker/handlers/answers.h"
#include "broker/handlers/progress/progress_handlers.h"
#include "protocol/bodies/lists.h"
#include "protocol/headers/topic.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const ProgressPorts& ports, const protocol::QueryTopicsByConsumerRequestHeader& header) {
  protocol::TopicList body;
  for (auto& topic : ports.offsets.topics_of_group(header.group)) body.topic_list.insert(std::move(topic));
  body.broker_addr = ports.identity.store_host.to_string();
  return success(protocol::to_json(body));
}

}  // namespace

HandlerRow query_topics_by_consumer(const ProgressPorts& ports) {
  return {request_code::kQueryTopicsByConsumer,
          "QUERY_TOPICS_BY_CONSUMER",
          Lane::kBlocking,
          with_header(ports, answer),
          "operators",
          "topics on which the group has offsets"};
}

}  // namespace ogive::broker::handlers
