#pragma once
// The broker's topics: looked up by every request, changed rarely, kept in config/topics.json.

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/string_map.h"
#include "broker/state/state_file.h"
#include "broker/topic/unsaved_topics.h"
#include "protocol/bodies/data_version.h"
#include "protocol/bodies/topic_config.h"

namespace ogive::store {
class ConsumeQueue;
}

namespace ogive::broker {

/// Shared because requests keep using the value they found while the table replaces it.
using TopicPtr = std::shared_ptr<const protocol::TopicConfig>;

struct TopicTableOptions {
  std::string cluster_name;             ///< brokerClusterName
  std::string broker_name;              ///< brokerName
  bool auto_create_topic = true;        ///< autoCreateTopicEnable; see set_auto_create.
  std::int32_t default_queue_nums = 8;  ///< defaultTopicQueueNums
  bool cluster_topic = true;            ///< clusterTopicEnable: the cluster's topic may be read and written.
  bool broker_topic = true;             ///< brokerTopicEnable
  std::string trace_topic;              ///< msgTraceTopicName when traceTopicEnable, else ""
  std::int32_t revive_queue_nums = 8;   ///< reviveQueueNum
  bool timer_topic = true;              ///< timerWheelEnable
  bool mixed_message_type = false;      ///< enableMixedMessageType
  std::size_t max_topics = 500'000;     ///< A further creation is refused (kLimit).
};

/// What a request knows when it sends to a topic that does not exist.
struct CreateForSend {
  std::string_view topic;
  std::string_view default_topic;      ///< As the producer named it, normally TBW102.
  std::int32_t client_queue_nums = 4;  ///< defaultTopicQueueNums of the request.
  std::int32_t topic_sys_flag = 0;
  std::string_view remote;  ///< For the log.
};

/// Thread-safe; any thread, never blocks on the disk except in load, save_now and save_changes.
class TopicTable {
 public:
  /// Starts with the built-in topics; load() adds the stored ones.
  TopicTable(TopicTableOptions options, const Clock& clock, StateFile file);

  /// Reads topics.json or its backup over the built-in topics. Names that are not allowed are left out, loudly.
  Status load();
  Status save_now() { return file_.save_now(); }
  /// Returns when every change made before the call is in topics.json. Blocking.
  Status save_changes() { return file_.save_changes(); }

  /// Switches creation by sends on or off; the default topic is made when it is not there.
  void set_auto_create(bool enabled);
  /// For a timer: tries again what could not be saved.
  void retry_save();
  /// Whether topics.json has the topic: before, nothing of it may be acknowledged. One load when nothing changed
  /// lately.
  bool is_saved(std::string_view name) const { return unsaved_.none() || !unsaved_.contains(name); }
  /// `waiter` runs on `executor` once the topic is saved, or its save failed.
  void when_saved(std::string_view name, io::Executor& executor, UnsavedTopics::Waiter waiter);

  /// Null when there is no such topic.
  TopicPtr find(std::string_view name) const;
  /// Grows at every change: whoever caches what it found compares it first.
  std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

  /// Auto-creation from the default topic; null when that is not allowed or not there. A topic that exists by now is
  /// given as it is.
  TopicPtr create_for_send(const CreateForSend& request);
  /// Retry, dead-letter and similar topics that the broker makes by itself. An existing one is given its new order and
  /// unit flags, nothing else. Null only for bad names and a full table.
  TopicPtr create_for_send_back(std::string_view name, std::int32_t queue_nums, std::int32_t perm, bool order = false,
                                std::int32_t topic_sys_flag = 0);
  /// Creates or replaces. `config.attributes` holds changes ("+k" → v, "-k" → ""), merged with those there are.
  /// kInvalidArgument with the original's wording for what is refused.
  Status create_or_update(protocol::TopicConfig config);
  /// The same for several at once: one version, one save, one registration. All or nothing.
  Status create_or_update_all(std::vector<protocol::TopicConfig> configs);
  /// Order topics as a name server lists them ("order topic configuration"): sets and clears the order flag.
  void update_order_topics(const StringSet& order_topics);
  /// False when there was none.
  bool remove(std::string_view name);
  /// Takes a master's topics over ours; what the master does not have stays. Returns how many changed.
  std::size_t merge(std::vector<protocol::TopicConfig> configs);

  /// A slave has a message of `queue`: the topic is made where there is none, with as many queues as that takes (a
  /// topic that has fewer gets them). Null for bad names and a full table.
  TopicPtr adopt(const store::ConsumeQueue& queue);

  bool is_order_topic(std::string_view name) const;
  /// Built-in ones, those named after cluster and broker, and everything with the system prefix.
  bool is_system_topic(std::string_view name) const;
  std::vector<std::string> system_topics() const;

  std::vector<TopicPtr> snapshot() const;
  std::size_t size() const;
  protocol::DataVersion data_version() const;
  /// Raises the version without another change (registration details changed).
  void touch();

  static constexpr std::int32_t kMaxQueueNums = 65'536;

  /// Called after changes, outside the lock, on the thread that made them, with what changed (a removed topic is not in
  /// it). The name servers must hear of it at once. Set before requests are served.
  using ChangeListener = std::function<void(std::span<const TopicPtr> changed)>;
  void set_change_listener(ChangeListener listener) { on_change_ = std::move(listener); }

  /// File content: {"dataVersion":…,"topicConfigTable":…}.
  std::string encode(bool pretty) const;

 private:
  Status decode(std::string_view json);
  void add_builtin_topics();
  void add_auto_create_topic();
  void add_builtin(std::string name, std::int32_t queue_nums, std::int32_t perm);
  /// With the lock held: stores; the caller raises the version and publishes. Null when the table is full.
  TopicPtr put(protocol::TopicConfig config);
  /// With the lock held: the configuration as it would be stored, or why it is refused.
  Result<protocol::TopicConfig> merged(protocol::TopicConfig config) const;
  void next_version();
  /// Without the lock: caches, disk and name servers hear of it.
  void publish(std::span<const TopicPtr> changed);
  void save_soon();

  const TopicTableOptions options_;
  const Clock& clock_;
  mutable std::shared_mutex mutex_;
  StringMap<TopicPtr> topics_;
  StringSet system_topics_;  ///< Fixed after construction.
  protocol::DataVersion version_;
  std::atomic<std::uint64_t> generation_{1};
  bool auto_create_;  ///< Under mutex_.
  ChangeListener on_change_;
  UnsavedTopics unsaved_;
  StateFile file_;  ///< Last: its saves use the rest.
};

}  // namespace ogive::broker
