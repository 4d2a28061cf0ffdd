#pragma once
// A reactor's own view of the topic table: a look-up costs one hash and no lock.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/string_map.h"
#include "broker/figures/counter.h"
#include "broker/topic/topic_table.h"
#include "store/message_store.h"

namespace ogive::broker {

/// A topic and the queues of it this reactor has used. What every send and pull looks at is copied out of the topic's
/// configuration and lies together: with very many topics every line of it is a miss of the cache.
struct CachedTopic {
  std::vector<store::ConsumeQueue*> queues;
  TrafficCounters* puts = nullptr;  ///< Of the reactor's shard; looked up by whoever counts.
  std::int32_t read_queue_nums = 0;
  std::int32_t write_queue_nums = 0;
  std::int32_t perm = 0;
  std::int32_t topic_sys_flag = 0;
  bool order = false;
  bool multi_tag = false;
  std::string name;

  /// Has what a send to the queue needs next on its way into the cache.
  void prefetch(std::int32_t queue_id) const {
    if (queue_id >= 0) __builtin_prefetch(queues.data() + queue_id);
    __builtin_prefetch(puts, 1);
  }
};

/// One thread only. A pointer holds until the next find.
class TopicCache {
 public:
  TopicCache(TopicTable& table, store::MessageStore& store) : table_(table), store_(store) {}

  /// Null when there is no such topic.
  CachedTopic* find(std::string_view name) {
    if (const auto generation = table_.generation(); generation != generation_) {
      topics_.clear();
      generation_ = generation;
    }
    if (const auto found = topics_.find(name); found != topics_.end()) return &found->second;
    const auto config = table_.find(name);
    if (!config) return nullptr;
    auto& topic = topics_[std::string(name)];
    topic.name = name;
    topic.read_queue_nums = config->read_queue_nums;
    topic.write_queue_nums = config->write_queue_nums;
    topic.perm = config->perm;
    topic.topic_sys_flag = config->topic_sys_flag;
    topic.order = config->order;
    topic.multi_tag = config->topic_filter_type == protocol::TopicFilterType::kMultiTag;
    return &topic;
  }

  /// The queue, made when missing; `id` must have been checked against the configuration.
  store::ConsumeQueue& queue(CachedTopic& topic, std::int32_t id) {
    const auto index = static_cast<std::size_t>(id);
    if (index >= topic.queues.size()) topic.queues.resize(index + 1, nullptr);
    auto*& queue = topic.queues[index];
    if (queue == nullptr) queue = &store_.queue(topic.name, QueueId(id));
    return *queue;
  }

 private:
  TopicTable& table_;
  store::MessageStore& store_;
  std::uint64_t generation_ = 0;
  StringMap<CachedTopic> topics_;
};

}  // namespace ogive::broker
