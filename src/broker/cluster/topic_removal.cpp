#include "broker/cluster/topic_removal.h"

#include <algorithm>

#include "base/log.h"
#include "store/queue/consume_queue.h"
#include "store/raw_log.h"

namespace ogive::broker {

bool has_records_from(store::MessageStore& store, store::ConsumeQueue& queue, std::int64_t offset) {
  if (queue.max_offset() == queue.min_offset()) return false;
  const auto last = store.queue_entry(queue, queue.max_offset() - 1);
  // One that cannot be read may be anything: it is no reason to throw messages away.
  return !last || last->physical_offset >= offset;
}

bool has_records_from(store::MessageStore& store, std::string_view topic, std::int64_t offset) {
  return std::ranges::any_of(store.queues(), [&](const auto& one) {
    store::ConsumeQueue* queue = one.first == topic ? store.find_queue(one.first, one.second) : nullptr;
    return queue != nullptr && has_records_from(store, *queue, offset);
  });
}

Status TopicRemoval::remove(std::string_view topic) {
  ports_.topics.remove(topic);
  ports_.offsets.remove_topic(topic);
  OGIVE_TRY(ports_.topics.save_changes());
  OGIVE_TRY(ports_.offsets.save_changes());
  return remove_queues(topic);
}

Status TopicRemoval::remove_queues(std::string_view topic) {
  if (!ports_.replication.is_slave()) return ports_.store.delete_topic(topic);
  ports_.replication.link()->between_appends([&store = ports_.store, name = std::string(topic)] {
    if (Status gone = store.delete_topic(name); !gone) {
      OGIVE_LOG(error, "broker", "the queues of the deleted topic {} stay: {}", name, gone.error().message());
    }
  });
  return {};
}

Status TopicRemoval::remove_as_of(std::string_view topic, std::int64_t log_end, bool made_anew) {
  // Whose offsets they are nobody can say: at worst a consumer of the new topic gets again what it has had.
  ports_.offsets.remove_topic(topic);
  OGIVE_TRY(ports_.offsets.save_changes());
  TopicPtr removed;
  if (!made_anew && !has_records_from(ports_.store, topic, log_end)) {
    removed = ports_.topics.find(topic);
    ports_.topics.remove(topic);
    OGIVE_TRY(ports_.topics.save_changes());
  }
  ports_.replication.link()->between_appends([ports = ports_, name = std::string(topic), log_end, removed] {
    remove_old_records(ports, name, log_end, removed);
  });
  return {};
}

// Between two appends: a message that comes after this finds the topic as it is then.
void TopicRemoval::remove_old_records(const Ports& ports, const std::string& topic, std::int64_t log_end,
                                      TopicPtr removed) {
  if (!has_records_from(ports.store, topic, log_end)) {
    if (Status gone = ports.store.delete_topic(topic); !gone) {
      OGIVE_LOG(error, "broker", "the queues of the deleted topic {} stay: {}", topic, gone.error().message());
    }
    return;
  }
  // Its first message came meanwhile, and found the old topic: nobody else makes the new one.
  if (removed && !ports.topics.find(topic)) ports.topics.merge({*removed});
  for (const auto& [name, id] : ports.store.queues()) {
    store::ConsumeQueue* queue = name == topic ? ports.store.find_queue(name, id) : nullptr;
    if (queue == nullptr || has_records_from(ports.store, *queue, log_end)) continue;
    if (Status anew = ports.store.raw_log().realign(*queue, QueueOffset(0)); !anew) {
      OGIVE_LOG(error, "broker", "queue {} of topic {} keeps what was deleted: {}", id.value(), topic,
                anew.error().message());
    }
  }
}

}  // namespace ogive::broker
