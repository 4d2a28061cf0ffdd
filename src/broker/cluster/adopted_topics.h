#pragma once
// Topics that a slave has messages of before it has heard of them.

#include <absl/container/flat_hash_set.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <string>

#include "broker/cluster/deletions.h"
#include "broker/topic/topic_table.h"
#include "store/message_store.h"

namespace ogive::broker {

/// A send to a new topic is acknowledged as soon as a slave has its record, and the master's table may never reach the
/// slave again. So a slave asks the master before it takes such a record, because the record does not say what kind of
/// queues the topic has. Where the master does not answer it makes the topic from the record before it reports it, and
/// lets the master's table correct that later. What the master's log has of topics that its table no longer has makes
/// none: a table that is as new as the record, or newer, knows better.
class AdoptedTopics {
 public:
  AdoptedTopics(TopicTable& topics, store::MessageStore& store) : topics_(topics), store_(store) {}

  /// At start: topics of queues that a crash left without theirs. Queues of deleted topics are removed. Blocking.
  void look_at_store(const Deletions& deletions);
  /// A table of RocketMQ's, which does not say where its log ended.
  static constexpr std::int64_t kNoPlace = INT64_MAX;

  /// Whether it is known what kind of topic a record at `place` belongs to: the topic is, or the master's table is
  /// newer than the record and lacks it. If not, the master is asked, and the listener told. A RocketMQ master is asked
  /// too, but not waited for. Any thread.
  bool knows(std::string_view topic, PhysicalOffset place);
  /// What knows() does to ask, and who is told whenever the master's table has come. Before anything else.
  void set_master(std::function<void()> ask, std::function<void()> listener) {
    ask_ = std::move(ask);
    on_settled_ = std::move(listener);
  }
  /// Records that are about to be appended. On the replication executor only.
  void look(std::span<const store::AppendBatch::Entry> entries);
  /// The master's table had exactly these topics when its log ended at `log_end`; kNoPlace where that is not known:
  /// then nothing is adopted. After they were merged. Any thread.
  void settle(std::set<std::string, std::less<>> masters, std::int64_t log_end);
  /// The table is still the same, the log ends here now. Any thread.
  void settle(std::int64_t log_end);

 private:
  void drop_unknown(std::int64_t log_end);  // With the lock held.

  TopicTable& topics_;
  store::MessageStore& store_;
  std::function<void()> ask_ = [] {};
  std::function<void()> on_settled_ = [] {};
  absl::flat_hash_set<const store::ConsumeQueue*> known_;  ///< Queues of topics that have them, as of generation_.
  std::uint64_t generation_ = 0;                           ///< Of topics_.
  std::atomic<std::int64_t> table_end_{0};                 ///< The master's table is as new as this end of its log.
  std::atomic<bool> asked_{false};                         ///< Since the last table, for one without a place.
  std::mutex mutex_;
  std::set<std::string, std::less<>> masters_;   ///< Topics of the master's table.
  std::map<std::string, std::int64_t> adopted_;  ///< Not confirmed yet: where the record is that they were made from.
};

}  // namespace ogive::broker
