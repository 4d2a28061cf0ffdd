#pragma once
// All consume queues by topic and queue id.

#include <absl/container/flat_hash_map.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/string_map.h"
#include "base/strong_int.h"
#include "store/queue/consume_queue.h"

namespace ogive::store {

/// Thread-safe. Queues are never destroyed before the table: references to them may be kept.
class QueueTable {
 public:
  /// The queue, made and listed when it is not.
  ConsumeQueue& get(std::string_view topic, QueueId id);
  /// The queue if it is listed, else null.
  ConsumeQueue* find(std::string_view topic, QueueId id) const;
  /// Every listed queue; sorted by topic and id.
  std::vector<ConsumeQueue*> all() const;
  std::vector<ConsumeQueue*> of_topic(std::string_view topic) const;

 private:
  /// Few per topic, in order of id.
  using TopicQueues = std::vector<std::unique_ptr<ConsumeQueue>>;

  mutable std::mutex mutex_;
  StringMap<TopicQueues> topics_;
};

/// Whether `topic` can be a directory name: a name from a record must not lead out of the store.
bool is_safe_topic_name(std::string_view topic);

}  // namespace ogive::store
