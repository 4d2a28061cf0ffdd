#include <fmt/core.h>

#include "broker/handlers/answers.h"
#include "broker/handlers/offset/offset_handlers.h"
#include "protocol/headers/offset.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const OffsetPorts& ports, const protocol::UpdateConsumerOffsetRequestHeader& header) {
  if (!ports.groups.find(header.consumer_group)) {
    return Message(code::kSubscriptionGroupNotExist, fmt::format("Group {} not exist!", header.consumer_group));
  }
  if (!ports.topics.find(header.topic)) {
    return Message(code::kTopicNotExist, fmt::format("Topic {} not exist!", header.topic));
  }
  ports.offsets.commit(header.consumer_group, header.topic, header.queue_id, header.commit_offset);
  return success();
}

}  // namespace

HandlerRow update_consumer_offset(const OffsetPorts& ports) {
  return {request_code::kUpdateConsumerOffset,
          "UPDATE_CONSUMER_OFFSET",
          Lane::kReactor,
          with_header(ports, answer),
          "clients",
          "commits; swallowed while a reset waits for the queue; 26, 17"};
}

}  // namespace ogive::broker::handlers
