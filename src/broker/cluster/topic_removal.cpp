#include "broker/cluster/topic_removal.h"

#include "base/log.h"
#include "store/queue/consume_queue.h"

namespace ogive::broker {

bool has_records_from(store::MessageStore& store, std::string_view topic, std::int64_t offset) {
  for (const auto& [name, id] : store.queues()) {
    if (name != topic) continue;
    store::ConsumeQueue* queue = store.find_queue(name, id);
    if (queue == nullptr || queue->max_offset() == queue->min_offset()) continue;
    const auto last = store.queue_entry(*queue, queue->max_offset() - 1);
    // One that cannot be read may be anything: it is no reason to throw messages away.
    if (!last || last->physical_offset >= offset) return true;
  }
  return false;
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

Status TopicRemoval::remove_as_of(std::string_view topic, std::int64_t log_end) {
  if (has_records_from(ports_.store, topic, log_end)) return {};
  ports_.topics.remove(topic);
  ports_.offsets.remove_topic(topic);
  OGIVE_TRY(ports_.topics.save_changes());
  OGIVE_TRY(ports_.offsets.save_changes());
  ports_.replication.link()->between_appends([&store = ports_.store, name = std::string(topic), log_end] {
    if (has_records_from(store, name, log_end)) return;  // Made anew meanwhile.
    if (Status gone = store.delete_topic(name); !gone) {
      OGIVE_LOG(error, "broker", "the queues of the deleted topic {} stay: {}", name, gone.error().message());
    }
  });
  return {};
}

}  // namespace ogive::broker
