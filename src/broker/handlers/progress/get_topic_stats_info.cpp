#include <fmt/core.h>

#include "broker/handlers/answers.h"
#include "broker/handlers/progress/last_store_time.h"
#include "broker/handlers/progress/progress_handlers.h"
#include "protocol/bodies/offsets.h"
#include "protocol/headers/topic.h"
#include "store/queue/consume_queue.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const ProgressPorts& ports, const protocol::GetTopicStatsInfoRequestHeader& header) {
  const TopicPtr topic = ports.topics.find(header.topic);
  if (!topic) return Message(code::kTopicNotExist, fmt::format("topic[{}] not exist", header.topic));
  protocol::TopicStatsTable body;
  for (std::int32_t id = 0; id < std::max(topic->read_queue_nums, topic->write_queue_nums); ++id) {
    auto& figures = body.offset_table[{topic->topic_name, ports.identity.broker_name, id}];
    auto* queue = ports.store.find_queue(topic->topic_name, QueueId(id));
    if (queue == nullptr) continue;
    figures.min_offset = queue->min_offset().value();
    figures.max_offset = queue->max_offset().value();
    if (figures.max_offset > figures.min_offset) {
      figures.last_update_timestamp = last_store_time(ports.store, *queue, figures.max_offset - 1);
    }
  }
  body.topic_put_tps = ports.traffic.tps(TrafficKind::kTopicPut, topic->topic_name);
  return success(protocol::to_json(body));
}

}  // namespace

HandlerRow get_topic_stats_info(const ProgressPorts& ports) {
  return {request_code::kGetTopicStatsInfo,
          "GET_TOPIC_STATS_INFO",
          Lane::kBlocking,
          with_header(ports, answer),
          "operators",
          "bounds and last store time of every queue of a topic"};
}

}  // namespace ogive::broker::handlers
