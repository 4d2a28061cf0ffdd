#pragma once
// How far each group has consumed each queue. Committed by pulls and by clients, kept in config/consumerOffset.json.

#include <absl/container/flat_hash_map.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/string_map.h"
#include "broker/state/state_file.h"
#include "protocol/bodies/data_version.h"

namespace ogive::broker {

inline constexpr std::int64_t kNoOffset = -1;

/// What all entries of a table share; commits must not touch the table itself.
struct OffsetTableCounters {
  std::atomic<std::uint64_t> commits{0};
  std::atomic<bool> dirty{false};
};

/// One group on one topic: three offsets per queue. Thread-safe and cheap (one uncontended lock); may be cached for as
/// long as attached() says so.
class QueueOffsets {
 public:
  static constexpr std::size_t kMaxQueues = 65'536;

  QueueOffsets(std::string topic, std::string group, std::shared_ptr<OffsetTableCounters> counters);

  const std::string& topic() const { return topic_; }
  const std::string& group() const { return group_; }
  /// False once topic or group was deleted: look the entry up again.
  bool attached() const { return attached_.load(std::memory_order_acquire); }

  /// Records what the group has consumed. False, and nothing recorded, while a reset waits for the queue, for negative
  /// values, for a detached entry and beyond kMaxQueues queues. A lower offset than before is taken.
  bool commit(std::int32_t queue, std::int64_t offset);
  /// The same, but only while `expected` is what was committed (kNoOffset: nothing yet).
  bool commit_if(std::int32_t queue, std::int64_t expected, std::int64_t offset);
  /// A waiting reset counts as committed; kNoOffset when there is neither.
  std::int64_t committed(std::int32_t queue) const;

  /// Where the group last read, for backlog figures only.
  void record_pull(std::int32_t queue, std::int64_t offset);
  /// Falls back to committed().
  std::int64_t pulled(std::int32_t queue) const;

  /// Cheap: false means take_reset gives nothing.
  bool has_reset() const { return resets_.load(std::memory_order_acquire) != 0; }
  /// Whether a reset waits for the next pull of `queue`.
  bool has_reset(std::int32_t queue) const;
  /// Makes the next pull of `queue` jump to `offset`; commits before it are swallowed.
  void assign_reset(std::int32_t queue, std::int64_t offset);
  /// The waiting reset, once: the pull that takes it answers PULL_OFFSET_MOVED with this next offset.
  std::optional<std::int64_t> take_reset(std::int32_t queue);

  /// Queue → offset, only queues that have one, sorted.
  std::map<std::int32_t, std::int64_t> all_committed() const;
  std::map<std::int32_t, std::int64_t> all_pulled() const;
  bool empty() const;  ///< Nothing committed yet.
  /// Takes what was committed for `queue` back to `end` when it lies behind; true when it did.
  bool limit(std::int32_t queue, std::int64_t end);

 private:
  friend class OffsetTable;
  struct Cell {
    std::int64_t committed = kNoOffset;
    std::int64_t pulled = kNoOffset;
    std::int64_t reset = kNoOffset;
  };
  bool commit(std::int32_t queue, std::optional<std::int64_t> expected, std::int64_t offset);
  Cell* cell(std::int32_t queue);  ///< With the lock held; null beyond the limit.
  void detach();

  const std::string topic_;
  const std::string group_;
  std::shared_ptr<OffsetTableCounters> counters_;  ///< Shared with the table, which may be gone before a cached entry.
  mutable std::mutex mutex_;
  absl::flat_hash_map<std::int32_t, Cell> cells_;
  std::atomic<std::uint32_t> resets_{0};
  std::atomic<bool> attached_{true};
};

/// Shared between the table and the caches of reactors.
using QueueOffsetsPtr = std::shared_ptr<QueueOffsets>;

/// Thread-safe. Whoever owns it calls save_if_dirty every few seconds (flushConsumerOffsetInterval, 5 s).
class OffsetTable {
 public:
  static constexpr std::size_t kMaxEntries = 1'000'000;

  OffsetTable(const Clock& clock, StateFile file, std::uint32_t version_step = 500);

  Status load();
  /// Called in the blocking lane by every save, when what it writes is fixed and before it is written: for a note that
  /// must not be younger than the file. Set before the first save; must be callable as long as there are saves.
  void set_before_write(std::function<void()> before_write) { before_write_ = std::move(before_write); }
  Status save_now();
  /// Returns when everything committed or removed before the call is in consumerOffset.json. Blocking.
  Status save_changes();
  /// For a timer: tries again what could not be saved.
  void retry_save() { file_.retry(); }
  /// Starts a save in the blocking lane when something was committed since the last one; true when it did.
  bool save_if_dirty();

  /// The entry, made when missing. Null only for a full table (counted, logged).
  QueueOffsetsPtr entry(std::string_view group, std::string_view topic);
  /// Null when nothing was ever recorded.
  QueueOffsetsPtr find(std::string_view group, std::string_view topic) const;

  std::int64_t committed(std::string_view group, std::string_view topic, std::int32_t queue) const;
  bool commit(std::string_view group, std::string_view topic, std::int32_t queue, std::int64_t offset);

  std::vector<std::string> topics_of_group(std::string_view group) const;
  std::vector<std::string> groups_of_topic(std::string_view topic) const;
  void remove_topic(std::string_view topic);
  void remove_group(std::string_view group);
  /// Gives `to` the offsets that `from` has on `topic`.
  void clone(std::string_view from, std::string_view to, std::string_view topic);
  std::vector<QueueOffsetsPtr> entries() const;

  /// Takes offsets behind their queue's end back to it; `end_of(topic, queue)` gives the end. One sentence for each.
  std::vector<std::string> limit(const std::function<std::int64_t(std::string_view, std::int32_t)>& end_of);

  /// Grows with every change.
  std::uint64_t commits() const { return counters_->commits.load(std::memory_order_relaxed); }
  protocol::DataVersion data_version() const;
  /// File content and body of GET_ALL_CONSUMER_OFFSET: integer keys without quotes, as the original writes them.
  std::string encode(bool pretty) const;

 private:
  Status decode(std::string_view json);
  void mark_dirty();

  const Clock& clock_;
  const std::uint32_t version_step_;
  std::shared_ptr<OffsetTableCounters> counters_;  ///< See QueueOffsets.
  mutable std::shared_mutex mutex_;
  StringMap<QueueOffsetsPtr> entries_;  ///< By "topic@group".
  mutable std::mutex version_mutex_;
  mutable protocol::DataVersion version_;
  mutable std::uint64_t versioned_commits_ = 0;
  std::function<void()> before_write_ = [] {};
  StateFile file_;  ///< Last: its saves use the rest.
};

}  // namespace ogive::broker
