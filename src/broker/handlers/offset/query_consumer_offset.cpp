#include "broker/handlers/answers.h"
#include "broker/handlers/offset/offset_handlers.h"
#include "broker/handlers/with_offset.h"
#include "protocol/headers/offset.h"
#include "store/queue/consume_queue.h"

namespace ogive::broker::handlers {
namespace {

Message unknown() {
  return Message(code::kQueryNotFound, "Not found, V3_0_6_SNAPSHOT maybe this group consumer boot first");
}

std::int64_t memory_window(const StartPorts& ports) {
  return ports.memory_bytes / 100 * ports.settings.get_int("accessMessageInMemoryMaxRatio");
}

/// Whether everything from `physical_offset` on is recent enough to count as being in memory.
bool in_memory(const StartPorts& ports, std::int64_t physical_offset) {
  return ports.store.max_physical_offset().value() - physical_offset <= memory_window(ports);
}

/// A new group begins at the beginning where that is still there and recent: a small queue that the group may have been
/// meant for. Else it is told so (22) and begins where it was configured to.
void handle(const StartPorts& ports, const Request& request) {
  const auto reply = [&](const Message& message) { request.channel->reply(request.reply_to, message); };
  const auto header = protocol::decode_header<protocol::QueryConsumerOffsetRequestHeader>(request.frame);
  if (!header) return reply(bad_request(header.error()));
  const std::int64_t offset = ports.offsets.committed(header->consumer_group, header->topic, header->queue_id);
  if (offset >= 0) return reply(with_offset(offset));
  if (!header->set_zero_if_not_found.value_or(true)) {
    return reply(Message(code::kQueryNotFound, "Not found, do not set to zero, maybe this group boot first"));
  }
  auto* queue = ports.store.find_queue(header->topic, QueueId(header->queue_id));
  if (queue == nullptr || queue->min_offset().value() > 0 || queue->max_offset().value() == 0) return reply(unknown());
  if (in_memory(ports, ports.store.min_physical_offset().value())) return reply(with_offset(0));
  // Only for a large log: where its first message is may have to be read.
  const Status posted = ports.blocking.post([ports, queue, to = request.reply_to] {
    const auto first = ports.store.queue_entry(*queue, QueueOffset(0));
    ports.server.reply(to, first && in_memory(ports, first->physical_offset) ? with_offset(0) : unknown());
  });
  if (!posted) reply(Message(code::kSystemBusy, posted.error().message()));
}

}  // namespace

HandlerRow query_consumer_offset(const StartPorts& ports) {
  return {request_code::kQueryConsumerOffset,
          "QUERY_CONSUMER_OFFSET",
          Lane::kReactor,
          AnswerLater([ports](const Request& request) { handle(ports, request); }),
          "clients",
          "committed `offset`; for a new group 0 where the queue is short and its beginning is still there, else 22"};
}

}  // namespace ogive::broker::handlers
