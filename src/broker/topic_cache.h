#pragma once
// A reactor's own view of the topic table: a look-up costs one hash and no lock.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/string_map.h"
#include "broker/figures/counter.h"
#include "broker/topic/topic_table.h"
#include "store/message_store.h"

namespace ogive::broker {

/// A topic and the queues of it this reactor has used.
struct CachedTopic {
  std::string name;
  std::shared_ptr<const protocol::TopicConfig> config;  ///< Shared with the table, which may replace it meanwhile.
  std::vector<store::ConsumeQueue*> queues;
  TrafficCounters* puts = nullptr;  ///< Of the reactor's shard; looked up by whoever counts.
};

/// One thread only. Entries are dropped when the table's generation moves, so pointers hold for one request at most.
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
    auto config = table_.find(name);
    if (!config) return nullptr;
    auto& topic = topics_[std::string(name)];
    topic.name = name;
    topic.config = std::move(config);
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
  StableStringMap<CachedTopic> topics_;
};

}  // namespace ogive::broker
