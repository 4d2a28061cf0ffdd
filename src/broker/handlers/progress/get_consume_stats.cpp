#include "broker/handlers/answers.h"
#include "broker/handlers/progress/last_store_time.h"
#include "broker/handlers/progress/progress_handlers.h"
#include "broker/handlers/progress/subscribed.h"
#include "protocol/bodies/offsets.h"
#include "protocol/headers/admin.h"
#include "store/queue/consume_queue.h"

namespace ogive::broker::handlers {
namespace {

/// The topics asked for by list as they are; one topic or all of the group's as far as the group still subscribes.
std::vector<std::string> topics_asked(const ProgressPorts& ports,
                                      const protocol::GetConsumeStatsRequestHeader& header) {
  constexpr char kSeparator = ';';
  std::vector<std::string> topics;
  if (std::string_view rest = header.topic_list.value_or(""); !rest.empty()) {
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(kSeparator), rest.size());
      if (end != 0) topics.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return topics;
  }
  if (header.topic.value_or("").empty()) {
    topics = ports.offsets.topics_of_group(header.consumer_group);
  } else {
    topics.emplace_back(*header.topic);
  }
  std::erase_if(topics,
                [&](const std::string& topic) { return !subscribed(ports.consumers, header.consumer_group, topic); });
  return topics;
}

Message answer(const ProgressPorts& ports, const protocol::GetConsumeStatsRequestHeader& header) {
  protocol::ConsumeStats body;
  for (const std::string& name : topics_asked(ports, header)) {
    const TopicPtr topic = ports.topics.find(name);
    if (!topic) continue;
    body.consume_tps += ports.traffic.tps(TrafficKind::kGroupGet, traffic_key(name, header.consumer_group));
    const auto offsets = ports.offsets.find(header.consumer_group, name);
    for (std::int32_t id = 0; id < topic->read_queue_nums; ++id) {
      auto& figures = body.offset_table[{name, ports.identity.broker_name, id}];
      figures.consumer_offset = offsets ? std::max<std::int64_t>(offsets->committed(id), 0) : 0;
      figures.pull_offset = std::max(figures.consumer_offset, offsets ? offsets->pulled(id) : kNoOffset);
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
