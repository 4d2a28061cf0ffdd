#include <fmt/core.h>

#include "broker/handlers/answers.h"
#include "broker/handlers/progress/progress_handlers.h"
#include "protocol/bodies/offsets.h"
#include "protocol/headers/offset.h"
#include "store/queue/consume_queue.h"

namespace ogive::broker::handlers {
namespace {

std::int64_t time_at(const ProgressPorts& ports, store::ConsumeQueue& queue, std::int64_t offset) {
  return offset < 0 ? -1 : ports.store.store_time(queue, QueueOffset(offset)).value_or(-1);
}

protocol::QueueTimeSpan span_of(const ProgressPorts& ports, const std::string& topic, std::int32_t id,
                                std::int64_t committed, std::int64_t now_ms) {
  protocol::QueueTimeSpan span;
  span.message_queue = {topic, ports.identity.broker_name, id};
  auto* queue = ports.store.find_queue(topic, QueueId(id));
  if (queue == nullptr) {
    span.min_time_stamp = span.max_time_stamp = span.consume_time_stamp = -1;
    return span;
  }
  const std::int64_t max = queue->max_offset().value();
  span.min_time_stamp = time_at(ports, *queue, queue->min_offset().value());
  span.max_time_stamp = time_at(ports, *queue, max - 1);
  span.consume_time_stamp = committed > 0 ? time_at(ports, *queue, committed - 1) : span.min_time_stamp;
  if (committed >= max) return span;
  const std::int64_t next = std::max(committed, queue->min_offset().value());
  if (const std::int64_t stored = time_at(ports, *queue, next); stored >= 0) {
    span.delay_time = now_ms - stored;
  }
  return span;
}

Message answer(const ProgressPorts& ports, const protocol::QueryConsumeTimeSpanRequestHeader& header,
               std::int64_t now_ms) {
  const TopicPtr topic = ports.topics.find(header.topic);
  if (!topic) return Message(code::kTopicNotExist, fmt::format("topic[{}] not exist", header.topic));
  protocol::QueryConsumeTimeSpanBody body;
  for (std::int32_t id = 0; id < topic->write_queue_nums; ++id) {
    const std::int64_t committed = ports.offsets.committed(header.group, header.topic, id);
    body.consume_time_span_set.push_back(span_of(ports, topic->topic_name, id, committed, now_ms));
  }
  return success(protocol::to_json(body));
}

}  // namespace

HandlerRow query_consume_time_span(const ProgressPorts& ports, const Clock& clock) {
  return {request_code::kQueryConsumeTimeSpan,
          "QUERY_CONSUME_TIME_SPAN",
          Lane::kBlocking,
          with_header<protocol::QueryConsumeTimeSpanRequestHeader>(
              [ports, &clock](const auto& header, const Request&) { return answer(ports, header, clock.wall_ms()); }),
          "operators",
          "store times of the first, the last and the consumed message of every queue, and how long the next one has "
          "waited"};
}

}  // namespace ogive::broker::handlers
