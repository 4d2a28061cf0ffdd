#include "broker/handlers/answers.h"
#include "broker/handlers/progress/last_store_time.h"
#include "broker/handlers/progress/progress_handlers.h"
#include "broker/handlers/progress/subscribed.h"
#include "protocol/bodies/offsets.h"
#include "protocol/headers/admin.h"
#include "store/queue/consume_queue.h"

namespace ogive::broker::handlers {
namespace {

protocol::OffsetWrapper figures_of(const ProgressPorts& ports, const std::string& topic, std::int32_t id,
                                   std::int64_t committed, std::int64_t pulled) {
  protocol::OffsetWrapper figures;
  figures.consumer_offset = std::max<std::int64_t>(committed, 0);
  figures.pull_offset = std::max(figures.consumer_offset, pulled);
  if (auto* queue = ports.store.find_queue(topic, QueueId(id))) {
    figures.broker_offset = queue->max_offset().value();
    figures.last_timestamp = last_store_time(ports.store, *queue, figures.consumer_offset - 1);
  }
  return figures;
}

protocol::ConsumeStats stats_of(const ProgressPorts& ports, const std::string& group,
                                const protocol::TopicConfig& topic, protocol::ConsumeStatsList& totals) {
  protocol::ConsumeStats stats;
  const QueueOffsetsPtr offsets = ports.offsets.find(group, topic.topic_name);
  for (std::int32_t id = 0; id < topic.write_queue_nums; ++id) {
    const auto figures = figures_of(ports, topic.topic_name, id, offsets ? offsets->committed(id) : kNoOffset,
                                    offsets ? offsets->pulled(id) : kNoOffset);
    totals.total_diff += figures.broker_offset - figures.consumer_offset;
    totals.total_inflight_diff += figures.pull_offset - figures.consumer_offset;
    stats.offset_table[{topic.topic_name, ports.identity.broker_name, id}] = figures;
  }
  stats.consume_tps = ports.traffic.tps(TrafficKind::kGroupGet, traffic_key(topic.topic_name, group));
  return stats;
}

Message answer(const ProgressPorts& ports, const GroupTable& groups,
               const protocol::GetConsumeStatsInBrokerHeader& header) {
  protocol::ConsumeStatsList body;
  body.broker_addr = ports.identity.store_host.to_string();
  for (const GroupPtr& group : groups.snapshot()) {
    auto& list = body.consume_stats_list.emplace_back()[group->group_name];
    for (const std::string& name : ports.offsets.topics_of_group(group->group_name)) {
      const TopicPtr topic = ports.topics.find(name);
      if (!topic || (header.is_order && !topic->order)) continue;
      if (!subscribed(ports.consumers, group->group_name, name)) continue;
      list.push_back(stats_of(ports, group->group_name, *topic, body));
    }
  }
  return success(protocol::to_json(body));
}

}  // namespace

HandlerRow get_broker_consume_stats(const ProgressPorts& ports, GroupTable& groups) {
  return {request_code::kGetBrokerConsumeStats,
          "GET_BROKER_CONSUME_STATS",
          Lane::kBlocking,
          with_header<protocol::GetConsumeStatsInBrokerHeader>(
              [ports, &groups](const auto& header, const Request&) { return answer(ports, groups, header); }),
          "operators",
          "how far every group is on every topic, with `isOrder` on order topics only"};
}

}  // namespace ogive::broker::handlers
