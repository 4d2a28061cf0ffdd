#include "broker/handlers/answers.h"
#include "broker/handlers/topic/changeable.h"
#include "broker/handlers/topic/topic_handlers.h"
#include "protocol/headers/topic.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const TopicPorts& ports, const protocol::DeleteTopicRequestHeader& header) {
  if (auto refusal = refuse_change(ports, header.topic)) return *refusal;
  if (Status noted = ports.deletions.record_topic(header.topic); !noted) return of_status(noted);
  return of_status(ports.removal.remove(header.topic));
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
