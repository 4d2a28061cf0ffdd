#pragma once
// All consume queues by topic and queue id.

#include <absl/container/flat_hash_map.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
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
  /// Says which topics have batch queues; asked when a queue is made, under the table's lock.
  using IsBatchTopic = std::function<bool(std::string_view topic)>;
  explicit QueueTable(IsBatchTopic is_batch_topic = {}) : is_batch_topic_(std::move(is_batch_topic)) {}

  /// The queue, made and listed when it is not.
  ConsumeQueue& get(std::string_view topic, QueueId id);
  /// The same for a queue whose files say what it is.
  ConsumeQueue& get(std::string_view topic, QueueId id, QueueKind kind);
  /// The queue if it is listed, else null.
  ConsumeQueue* find(std::string_view topic, QueueId id) const;
  /// Every listed queue; sorted by topic and id.
  std::vector<ConsumeQueue*> all() const;
  std::vector<ConsumeQueue*> of_topic(std::string_view topic) const;
  /// Grows whenever a queue is made.
  std::uint64_t created() const { return created_.load(std::memory_order_relaxed); }

 private:
  /// Few per topic, in order of id.
  using TopicQueues = std::vector<std::unique_ptr<ConsumeQueue>>;

  ConsumeQueue& get(std::string_view topic, QueueId id, std::optional<QueueKind> kind);

  const IsBatchTopic is_batch_topic_;
  mutable std::mutex mutex_;
  StringMap<TopicQueues> topics_;
  std::atomic<std::uint64_t> created_{0};
};

/// Whether `topic` can be a directory name: a name from a record must not lead out of the store.
bool is_safe_topic_name(std::string_view topic);

}  // namespace ogive::store
