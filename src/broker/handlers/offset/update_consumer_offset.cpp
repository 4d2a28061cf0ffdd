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
  if (header.queue_id < 0 || header.commit_offset < 0) {
    return Message(code::kInvalidParameter, fmt::format("queueId {} and commitOffset {} cannot be negative",
                                                        header.queue_id, header.commit_offset));
  }
  const QueueOffsetsPtr offsets = ports.offsets.entry(header.consumer_group, header.topic);
  if (offsets && offsets->commit(header.queue_id, header.commit_offset)) return success();
  if (offsets && offsets->has_reset(header.queue_id)) {
    return Message(code::kSuccess, "Offset has been previously reset");
  }
  return Message(code::kSystemError, fmt::format("the offset of queue {} was not kept: the offset table is full or "
                                                 "topic or group is being deleted",
                                                 header.queue_id));
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
