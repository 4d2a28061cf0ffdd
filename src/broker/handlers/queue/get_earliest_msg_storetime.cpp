#include "broker/handlers/answers.h"
#include "broker/handlers/queue/queue_handlers.h"
#include "protocol/headers/offset.h"
#include "store/queue/consume_queue.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const QueuePorts& ports, const protocol::GetEarliestMsgStoretimeRequestHeader& header) {
  std::int64_t timestamp = -1;
  if (auto* queue = ports.store.find_queue(header.topic, QueueId(header.queue_id))) {
    timestamp = ports.store.store_time(*queue, queue->min_offset()).value_or(-1);
  }
  Message message(code::kSuccess);
  message.field("timestamp", timestamp);
  return message;
}

}  // namespace

HandlerRow get_earliest_msg_storetime(const QueuePorts& ports) {
  return {request_code::kGetEarliestMsgStoretime,
          "GET_EARLIEST_MSG_STORETIME",
          Lane::kBlocking,
          with_header(ports, answer),
          "clients",
          "`timestamp` of the first message, -1 for an empty queue"};
}

}  // namespace ogive::broker::handlers
