#include "broker/handlers/answers.h"
#include "broker/handlers/topic/changeable.h"
#include "broker/handlers/topic/topic_handlers.h"
#include "broker/topic/attributes.h"
#include "protocol/headers/topic.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const TopicPorts& ports, const protocol::CreateTopicRequestHeader& header) {
  if (auto refusal = refuse_change(ports, header.topic)) return *refusal;
  protocol::TopicConfig config;
  config.topic_name = header.topic;
  config.read_queue_nums = header.read_queue_nums;
  config.write_queue_nums = header.write_queue_nums;
  config.perm = header.perm;
  config.topic_sys_flag = header.topic_sys_flag.value_or(0);
  config.order = header.order;
  if (header.topic_filter_type == "MULTI_TAG") config.topic_filter_type = protocol::TopicFilterType::kMultiTag;
  auto changes = parse_attribute_changes(header.attributes.value_or(""));
  if (!changes) return Message(code::kSystemError, changes.error().message());
  config.attributes = std::move(*changes);
  return of_change(ports.topics.create_or_update(std::move(config)), ports.topics);
}

}  // namespace

HandlerRow update_and_create_topic(const TopicPorts& ports) {
  return {request_code::kUpdateAndCreateTopic,
          "UPDATE_AND_CREATE_TOPIC",
          Lane::kBlocking,
          with_header(ports, answer),
          "operators",
          "creates or changes a topic; 29 for names and values that are not allowed"};
}

}  // namespace ogive::broker::handlers
