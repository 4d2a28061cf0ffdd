#include "broker/cluster/adopted_topics.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "broker/cluster/topic_removal.h"
#include "broker/topic/names.h"
#include "store/queue/consume_queue.h"

namespace ogive::broker {

void AdoptedTopics::look_at_store(const Deletions& deletions) {
  const std::int64_t end = store_.max_physical_offset().value();
  std::set<std::string> deleted;
  for (const auto& [name, id] : store_.queues()) {
    if (topics_.find(name) || deleted.contains(name) || name.starts_with(kLmqPrefix)) continue;
    const std::int64_t deleted_at = deletions.topic_deleted_at(name);
    if (deleted_at > 0 && !has_records_from(store_, name, deleted_at)) {
      deleted.insert(name);
      if (Status gone = store_.delete_topic(name); !gone) {
        OGIVE_LOG(error, "broker", "the queues of the deleted topic {} stay: {}", name, gone.error().message());
      }
      continue;
    }
    const store::ConsumeQueue* queue = store_.find_queue(name, id);
    if (queue == nullptr || !topics_.adopt(*queue)) continue;
    const std::lock_guard lock(mutex_);
    adopted_[name] = end;
  }
}

bool AdoptedTopics::knows(std::string_view topic, PhysicalOffset place) {
  if (topics_.find(topic)) return true;
  const std::int64_t table_end = table_end_.load(std::memory_order_acquire);
  if (place.value() >= table_end) {
    ask_();
    return false;
  }
  // Long deleted, or made after the last look at a RocketMQ master, and the next would come a minute later. The record
  // does not wait for it: nothing says which of the two it is.
  if (table_end == kNoPlace && !asked_.exchange(true)) ask_();
  return true;
}

void AdoptedTopics::look(std::span<const store::AppendBatch::Entry> entries) {
  if (const std::uint64_t now = topics_.generation(); now != generation_) {
    known_.clear();
    generation_ = now;
  }
  const std::int64_t table_end = table_end_.load(std::memory_order_acquire);
  const store::ConsumeQueue* last = nullptr;
  for (const auto& entry : entries) {
    if (!entry.takes_queue_offset || entry.queue == last || known_.contains(entry.queue)) continue;
    const TopicPtr topic = topics_.find(entry.queue->topic());
    if (topic && entry.queue->id().value() < std::max(topic->read_queue_nums, topic->write_queue_nums)) {
      known_.insert(entry.queue);
      last = entry.queue;
      continue;
    }
    const std::int64_t place = entry.physical_offset.value();
    if (place < table_end) continue;  // Deleted meanwhile; or made smaller, and the master has no such queue any more.
    if (!topics_.adopt(*entry.queue)) continue;
    const std::lock_guard lock(mutex_);
    adopted_[std::string(entry.queue->topic())] = place;
  }
}

void AdoptedTopics::settle(std::set<std::string, std::less<>> masters, std::int64_t log_end) {
  {
    const std::lock_guard lock(mutex_);
    masters_ = std::move(masters);
  }
  settle(log_end);
}

void AdoptedTopics::settle(std::int64_t log_end) {
  {
    const std::lock_guard lock(mutex_);
    drop_unknown(log_end);
    table_end_.store(log_end, std::memory_order_release);
  }
  asked_.store(false);
  on_settled_();
}

void AdoptedTopics::drop_unknown(std::int64_t log_end) {
  std::erase_if(adopted_, [&](const auto& one) {
    const auto& [name, place] = one;
    if (masters_.contains(name)) return true;
    if (place >= log_end) return false;  // Younger than the table.
    OGIVE_LOG(info, "broker", "topic {}, made from the log at offset {}, is not on the master", name, place);
    topics_.remove(name);
    return true;
  });
}

}  // namespace ogive::broker
