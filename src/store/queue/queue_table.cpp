#include "store/queue/queue_table.h"

#include <algorithm>

#include "message/record.h"

namespace ogive::store {
namespace {

auto position_of(auto& queues, QueueId id) {
  return std::ranges::lower_bound(queues, id, {}, [](const auto& queue) { return queue->id(); });
}

}  // namespace

ConsumeQueue& QueueTable::get(std::string_view topic, QueueId id) {
  return get(topic, id, std::optional<QueueKind>());
}

ConsumeQueue& QueueTable::get(std::string_view topic, QueueId id, QueueKind kind) {
  return get(topic, id, std::optional(kind));
}

ConsumeQueue& QueueTable::get(std::string_view topic, QueueId id, std::optional<QueueKind> kind) {
  const std::lock_guard lock(mutex_);
  auto topic_queues = topics_.find(topic);
  if (topic_queues == topics_.end()) topic_queues = topics_.try_emplace(std::string(topic)).first;
  TopicQueues& queues = topic_queues->second;
  auto at = position_of(queues, id);
  if (at == queues.end() || (*at)->id() != id) {
    if (!kind) {
      // All queues of a topic are alike.
      const bool batch =
          queues.empty() ? is_batch_topic_ && is_batch_topic_(topic) : queues.front()->kind() == QueueKind::kBatch;
      kind = batch ? QueueKind::kBatch : QueueKind::kSimple;
    }
    at = queues.insert(at, std::make_unique<ConsumeQueue>(std::string(topic), id, *kind));
    created_.fetch_add(1, std::memory_order_relaxed);
  }
  (*at)->listed.store(true);
  return **at;
}

ConsumeQueue* QueueTable::find(std::string_view topic, QueueId id) const {
  const std::lock_guard lock(mutex_);
  const auto topic_queues = topics_.find(topic);
  if (topic_queues == topics_.end()) return nullptr;
  const auto at = position_of(topic_queues->second, id);
  if (at == topic_queues->second.end() || (*at)->id() != id || !(*at)->listed.load()) return nullptr;
  return at->get();
}

std::vector<ConsumeQueue*> QueueTable::all() const {
  std::vector<ConsumeQueue*> found;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [topic, queues] : topics_) {
      for (const auto& queue : queues) {
        if (queue->listed.load()) found.push_back(queue.get());
      }
    }
  }
  std::ranges::sort(found, [](const ConsumeQueue* a, const ConsumeQueue* b) {
    return std::pair(std::string_view(a->topic()), a->id()) < std::pair(std::string_view(b->topic()), b->id());
  });
  return found;
}

std::vector<ConsumeQueue*> QueueTable::of_topic(std::string_view topic) const {
  const std::lock_guard lock(mutex_);
  std::vector<ConsumeQueue*> found;
  if (const auto topic_queues = topics_.find(topic); topic_queues != topics_.end()) {
    for (const auto& queue : topic_queues->second) {
      if (queue->listed.load()) found.push_back(queue.get());
    }
  }
  return found;
}

bool is_safe_topic_name(std::string_view topic) {
  return !topic.empty() && topic.size() <= message::kMaxTopicBytes && topic != "." && topic != ".." &&
         topic.find('/') == std::string_view::npos && topic.find('\0') == std::string_view::npos;
}

}  // namespace ogive::store
