#include "broker/handlers/answers.h"
#include "broker/handlers/offset/offset_handlers.h"
#include "broker/handlers/with_offset.h"
#include "protocol/headers/offset.h"
#include "store/queue/consume_queue.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const OffsetPorts& ports, const protocol::QueryConsumerOffsetRequestHeader& header) {
  const std::int64_t offset = ports.offsets.committed(header.consumer_group, header.topic, header.queue_id);
  if (offset >= 0) return with_offset(offset);
  const auto* queue = ports.store.find_queue(header.topic, QueueId(header.queue_id));
  const std::int64_t min = queue == nullptr ? 0 : queue->min_offset().value();
  if (!header.set_zero_if_not_found.value_or(true)) {
    return Message(code::kQueryNotFound, "Not found, do not set to zero, maybe this group boot first");
  }
  // A new group on a queue whose beginning is still there starts at the beginning.
  if (min <= 0) return with_offset(0);
  return Message(code::kQueryNotFound, "Not found, maybe this group consumer boot first");
}

}  // namespace

HandlerRow query_consumer_offset(const OffsetPorts& ports) {
  return {request_code::kQueryConsumerOffset,
          "QUERY_CONSUMER_OFFSET",
          Lane::kReactor,
          with_header(ports, answer),
          "clients",
          "committed `offset`; a new group on a queue whose beginning is still there gets 0, else 22"};
}

}  // namespace ogive::broker::handlers
