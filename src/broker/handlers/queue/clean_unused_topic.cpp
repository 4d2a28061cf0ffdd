#include <set>

#include "base/log.h"
#include "broker/handlers/answers.h"
#include "broker/handlers/queue/queue_handlers.h"
#include "broker/topic/names.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const QueuePorts& ports, const Request& request) {
  std::set<std::string> unused;
  for (const auto& [topic, queue] : ports.store.queues()) {
    if (ports.topics.find(topic) || ports.topics.is_system_topic(topic) || topic.starts_with(kLmqPrefix)) continue;
    unused.insert(topic);
  }
  for (const std::string& topic : unused) {
    OGIVE_LOG(warn, "broker", "queues of {} are removed: there is no such topic (asked for by {})", topic,
              request.remote.to_string());
    if (const Status removed = ports.removal.remove_queues(topic); !removed) return of_status(removed);
  }
  return success();
}

}  // namespace

HandlerRow clean_unused_topic(const QueuePorts& ports) {
  return {request_code::kCleanUnusedTopic,
          "CLEAN_UNUSED_TOPIC",
          Lane::kBlocking,
          Answer([ports](const Request& request) { return answer(ports, request); }),
          "operators",
          "removes the queues of topics that are no longer configured"};
}

}  // namespace ogive::broker::handlers
