#include "broker/handlers/answers.h"
#include "broker/handlers/queue/queue_handlers.h"
#include "broker/handlers/with_offset.h"
#include "protocol/headers/offset.h"
#include "store/queue/consume_queue.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const QueuePorts& ports, const protocol::GetMinOffsetRequestHeader& header) {
  const auto* queue = ports.store.find_queue(header.topic, QueueId(header.queue_id));
  return with_offset(queue == nullptr ? 0 : queue->min_offset().value());
}

}  // namespace

HandlerRow get_min_offset(const QueuePorts& ports) {
  return {request_code::kGetMinOffset, "GET_MIN_OFFSET", Lane::kReactor,
          with_header(ports, answer),  "clients",        "`offset` of the first message"};
}

}  // namespace ogive::broker::handlers
