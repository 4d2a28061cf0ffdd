#include <fmt/core.h>

#include <charconv>

#include "broker/cluster/metadata_sync.h"
#include "broker/handlers/answers.h"
#include "broker/handlers/offset/offset_handlers.h"
#include "protocol/headers/offset.h"

namespace ogive::broker::handlers {
namespace {

/// What must be committed now for the request to count; none where it does not say.
Result<std::optional<std::int64_t>> expected_offset(const Request& request) {
  const auto text = request.frame.find(kExpectedOffsetField);
  if (!text) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error == std::errc() && end == text->data() + text->size()) return value;
  return fail(Errc::kInvalidArgument, fmt::format("{} is \"{}\", not a number", kExpectedOffsetField, *text));
}

Message answer(const OffsetPorts& ports, const protocol::UpdateConsumerOffsetRequestHeader& header,
               const Request& request) {
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
  const auto expected = expected_offset(request);
  if (!expected) return bad_request(expected.error());
  const bool kept = offsets && (*expected ? offsets->commit_if(header.queue_id, **expected, header.commit_offset)
                                          : offsets->commit(header.queue_id, header.commit_offset));
  if (kept) return success();
  if (offsets && offsets->has_reset(header.queue_id)) {
    return Message(code::kSuccess, "Offset has been previously reset");
  }
  if (offsets && *expected) {
    return Message(code::kSystemError, fmt::format("the offset of queue {} was not kept: it is {} by now, not {}",
                                                   header.queue_id, offsets->committed(header.queue_id), **expected));
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
          with_header<protocol::UpdateConsumerOffsetRequestHeader>(
              [ports](const protocol::UpdateConsumerOffsetRequestHeader& header, const Request& request) {
                return answer(ports, header, request);
              }),
          "clients",
          "commits; swallowed while a reset waits for the queue; 26, 17"};
}

}  // namespace ogive::broker::handlers
