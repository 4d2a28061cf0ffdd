#include "broker/handlers/answers.h"
#include "broker/handlers/queue/queue_handlers.h"
#include "broker/handlers/with_offset.h"
#include "protocol/headers/offset.h"
#include "store/queue/consume_queue.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const QueuePorts& ports, const protocol::SearchOffsetRequestHeader& header) {
  auto* queue = ports.store.find_queue(header.topic, QueueId(header.queue_id));
  if (queue == nullptr) return with_offset(0);
  const std::string_view boundary = header.boundary_type.value_or("LOWER");
  auto offset = ports.store.offset_by_time(*queue, header.timestamp, boundary == "UPPER" || boundary == "upper");
  return offset ? with_offset(offset->value()) : Message(code::kSystemError, offset.error().message());
}

}  // namespace

HandlerRow search_offset_by_timestamp(const QueuePorts& ports) {
  return {request_code::kSearchOffsetByTimestamp,
          "SEARCH_OFFSET_BY_TIMESTAMP",
          Lane::kBlocking,
          with_header(ports, answer),
          "clients",
          "first `offset` stored at or after `timestamp` (LOWER), or last at or before it (UPPER)"};
}

}  // namespace ogive::broker::handlers
