#include "broker/handlers/answers.h"
#include "broker/handlers/progress/progress_handlers.h"
#include "protocol/bodies/lists.h"
#include "protocol/headers/topic.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const ProgressPorts& ports, const protocol::QueryTopicConsumeByWhoRequestHeader& header) {
  protocol::GroupList body;
  for (auto& group : ports.consumers.groups_of_topic(header.topic)) body.group_list.insert(std::move(group));
  for (auto& group : ports.offsets.groups_of_topic(header.topic)) body.group_list.insert(std::move(group));
  return success(protocol::to_json(body));
}

}  // namespace

HandlerRow query_topic_consume_by_who(const ProgressPorts& ports) {
  return {request_code::kQueryTopicConsumeByWho,
          "QUERY_TOPIC_CONSUME_BY_WHO",
          Lane::kBlocking,
          with_header(ports, answer),
          "operators",
          "groups that subscribe to a topic or have offsets on it"};
}

}  // namespace ogive::broker::handlers
