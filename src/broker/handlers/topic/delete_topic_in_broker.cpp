#include "broker/handlers/answers.h"
#include "broker/handlers/topic/changeable.h"
#include "broker/handlers/topic/topic_handlers.h"
#include "protocol/headers/topic.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const TopicPorts& ports, const protocol::DeleteTopicRequestHeader& header) {
  if (auto refusal = refuse_change(ports, header.topic)) return *refusal;
  ports.topics.remove(header.topic);
  ports.offsets.remove_topic(header.topic);
  if (Status saved = ports.topics.save_changes(); !saved) return of_status(saved);
  if (Status saved = ports.offsets.save_changes(); !saved) return of_status(saved);
  return of_status(ports.store.delete_topic(header.topic));
}

}  // namespace

HandlerRow delete_topic_in_broker(const TopicPorts& ports) {
  return {request_code::kDeleteTopicInBroker,
          "DELETE_TOPIC_IN_BROKER",
          Lane::kBlocking,
          with_header(ports, answer),
          "operators",
          "drops a topic, its queues and the offsets on it"};
}

}  // namespace ogive::broker::handlers
