#pragma once
// What was deleted by request, so that slaves hear of it: that a master does not have something deletes nothing there.

#include <atomic>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "broker/state/state_file.h"
#include "protocol/bodies/deletions.h"
#include "store/message_store.h"

namespace ogive::broker {

/// The last deletions of topics and groups, by requests here and on the master this node followed, in
/// config/ogiveDeletions.json. A slave that was away for more of them keeps what it has. Thread-safe.
class Deletions {
 public:
  static constexpr std::size_t kMost = 2'000;

  Deletions(const Clock& clock, const store::MessageStore& store, StateFile file);

  Status load();
  Status save_now() { return file_.save_now(); }

  /// Somebody deletes it here: to be called before it goes, and saved when the call returns. Blocking.
  Status record_topic(std::string_view name);
  Status record_group(std::string_view name, bool clean_offset);
  /// Those of a master's that are not known here, oldest first.
  std::vector<protocol::Deletion> unknown_of(const std::vector<protocol::Deletion>& masters) const;
  /// They are done here as well; saved when the call returns. Blocking.
  Status take(const std::vector<protocol::Deletion>& masters);
  /// Where the log ended when the topic was deleted last; 0 when that is not known.
  std::int64_t topic_deleted_at(std::string_view name) const;

  std::vector<protocol::Deletion> snapshot() const;
  /// Grows with every change.
  std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

 private:
  Status record(protocol::Deletion deletion);
  void add(std::vector<protocol::Deletion> more);  // With the lock held.

  const Clock& clock_;
  const store::MessageStore& store_;
  mutable std::mutex mutex_;
  std::vector<protocol::Deletion> list_;
  std::set<protocol::Deletion> known_;  ///< The same, to be found.
  std::atomic<std::uint64_t> generation_{1};
  StateFile file_;  ///< Last: its saves use the rest.
};

}  // namespace ogive::broker
