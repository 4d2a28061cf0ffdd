#include <fmt/core.h>

#include "broker/handlers/answers.h"
#include "broker/handlers/queue/queue_handlers.h"
#include "store/queue/consume_queue.h"

namespace ogive::broker::handlers {
namespace {

/// Records leave the log only by retention, which drops their queue entries with them: there is nothing left to remove.
/// A queue that points before the log all the same is a defect to be told of.
Message answer(const QueuePorts& ports, const Request&) {
  const std::int64_t log_begin = ports.store.min_physical_offset().value();
  for (const auto& [topic, id] : ports.store.queues()) {
    auto* queue = ports.store.find_queue(topic, id);
    if (queue == nullptr || queue->max_offset() <= queue->min_offset()) continue;
    const auto last = ports.store.queue_entry(*queue, QueueOffset(queue->max_offset().value() - 1));
    if (last && last->physical_offset < log_begin) {
      return Message(code::kSystemError, fmt::format("the queue {}-{} ends at {}, before the log's begin {}: restart "
                                                     "the broker, it repairs queues",
                                                     topic, id.value(), last->physical_offset, log_begin));
    }
  }
  return success();
}

}  // namespace

HandlerRow clean_expired_consumequeue(const QueuePorts& ports) {
  return {request_code::kCleanExpiredConsumequeue,
          "CLEAN_EXPIRED_CONSUMEQUEUE",
          Lane::kBlocking,
          Answer([ports](const Request& request) { return answer(ports, request); }),
          "operators",
          "checks that no queue lies before the log's beginning"};
}

}  // namespace ogive::broker::handlers
