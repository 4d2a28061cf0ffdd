#include "broker/handlers/answers.h"
#include "broker/handlers/progress/last_store_time.h"
#include "broker/handlers/progress/progress_handlers.h"
#include "protocol/bodies/offsets.h"
#include "protocol/headers/admin.h"
#include "store/queue/consume_queue.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const ProgressPorts& ports, const protocol::GetConsumeStatsRequestHeader& header) {
  std::vector<std::string> topics;
  if (header.topic && !header.topic->empty()) {
    topics.emplace_back(*header.topic);
  } else {
    topics = ports.offsets.topics_of_group(header.consumer_group);
  }
  protocol::ConsumeStats body;
  for (const std::string& name : topics) {
    const TopicPtr topic = ports.topics.find(name);
    if (!topic) continue;
    const auto offsets = ports.offsets.find(header.consumer_group, name);
    for (std::int32_t id = 0; id < topic->read_queue_nums; ++id) {
      auto& figures = body.offset_table[{name, ports.identity.broker_name, id}];
      figures.consumer_offset = offsets ? std::max<std::int64_t>(offsets->committed(id), 0) : 0;
      figures.pull_offset = offsets ? std::max<std::int64_t>(offsets->pulled(id), 0) : 0;
      auto* queue = ports.store.find_queue(name, QueueId(id));
      if (queue == nullptr) continue;
      figures.broker_offset = queue->max_offset().value();
      figures.last_timestamp = last_store_time(ports.store, *queue, figures.consumer_offset - 1);
    }
  }
  return success(protocol::to_json(body));
}

}  // namespace

HandlerRow get_consume_stats(const ProgressPorts& ports) {
  return {request_code::kGetConsumeStats, "GET_CONSUME_STATS", Lane::kBlocking,
          with_header(ports, answer),     "operators",         "how far a group is in every queue"};
}

}  // namespace ogive::broker::handlers
