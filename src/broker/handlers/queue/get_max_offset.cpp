#include "broker/handlers/answers.h"
#include "broker/handlers/queue/queue_handlers.h"
#include "broker/handlers/with_offset.h"
#include "protocol/headers/offset.h"
#include "store/queue/consume_queue.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const QueuePorts& ports, const protocol::GetMaxOffsetRequestHeader& header) {
  const auto* queue = ports.store.find_queue(header.topic, QueueId(header.queue_id));
  return with_offset(queue == nullptr ? 0 : queue->max_offset().value());
}

}  // namespace

HandlerRow get_max_offset(const QueuePorts& ports) {
  return {request_code::kGetMaxOffset, "GET_MAX_OFFSET", Lane::kReactor,
          with_header(ports, answer),  "clients",        "`offset` behind the last message; 0 where there is no queue"};
}

}  // namespace ogive::broker::handlers
