#include <fmt/core.h>

#include "broker/handlers/answers.h"
#include "broker/handlers/queue/queue_handlers.h"
#include "protocol/bodies/consume_queue.h"
#include "protocol/headers/admin.h"
#include "store/queue/consume_queue.h"

namespace ogive::broker::handlers {
namespace {

constexpr std::int64_t kMaxEntries = 10'000;  ///< Of one answer, about a megabyte.

Message answer(const QueuePorts& ports, const protocol::QueryConsumeQueueRequestHeader& header) {
  const std::string_view topic = header.topic.value_or("");
  const std::int32_t id = header.queue_id;
  auto* queue = ports.store.find_queue(topic, QueueId(id));
  if (queue == nullptr) return Message(code::kSystemError, fmt::format("{}@{} is not exist!", id, topic));
  protocol::QueryConsumeQueueResponseBody body;
  body.max_queue_index = queue->max_offset().value();
  body.min_queue_index = queue->min_offset().value();
  if (header.consumer_group) {
    if (const SubscriptionPtr subscription = ports.consumers.find_subscription(*header.consumer_group, topic)) {
      body.subscription_data = subscription->data;
      body.filter_data = "null";
    } else {
      body.filter_data = fmt::format("{}@{} is not online!", *header.consumer_group, topic);
    }
  }
  const std::int64_t first = header.index;
  if (first < body.min_queue_index || first >= body.max_queue_index) {
    return Message(code::kSuccess, fmt::format("Index {} of {}@{} is not exist!", first, id, topic));
  }
  const std::int64_t count = std::clamp<std::int64_t>(header.count, 0, kMaxEntries);
  const std::int64_t end = first + std::min(count, body.max_queue_index - first);
  for (std::int64_t index = first; index < end; ++index) {
    const auto entry = ports.store.queue_entry(*queue, QueueOffset(index));
    if (!entry) return Message(code::kSystemError, entry.error().message());
    auto& data = body.queue_data.emplace_back();
    data.physic_offset = entry->physical_offset;
    data.physic_size = entry->size;
    data.tags_code = entry->tags_code;
  }
  return success(protocol::to_json(body));
}

}  // namespace

HandlerRow query_consume_queue(const QueuePorts& ports) {
  return {request_code::kQueryConsumeQueue,
          "QUERY_CONSUME_QUEUE",
          Lane::kBlocking,
          with_header(ports, answer),
          "operators",
          "`count` entries of a consume queue from `index` on, and what `consumerGroup` subscribes to"};
}

}  // namespace ogive::broker::handlers
