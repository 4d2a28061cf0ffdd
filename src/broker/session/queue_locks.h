#pragma once
// Which client of a group may consume which queue in order. A lock lives 60 s and is renewed by asking again.

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/string_map.h"
#include "protocol/bodies/message_queue.h"

namespace ogive::broker {

/// Thread-safe.
class QueueLocks {
 public:
  static constexpr std::int64_t kDefaultLifetimeMs = 60'000;
  static constexpr std::size_t kMaxLocksPerGroup = 100'000;
  static constexpr std::size_t kMaxGroups = 100'000;

  explicit QueueLocks(const Clock& clock, std::int64_t lifetime_ms = kDefaultLifetimeMs)
      : clock_(clock), lifetime_ms_(lifetime_ms) {}

  /// Takes or renews; gives those of `queues` that `client_id` has now.
  std::vector<protocol::MessageQueue> lock(std::string_view group, std::string_view client_id,
                                           const std::vector<protocol::MessageQueue>& queues);
  /// Only what `client_id` holds.
  void unlock(std::string_view group, std::string_view client_id, const std::vector<protocol::MessageQueue>& queues);
  /// True when some client holds an unexpired lock in the group: it consumes in order.
  bool any_locked(std::string_view group) const;
  /// True when some client holds an unexpired lock on the queue.
  bool locked(std::string_view group, const protocol::MessageQueue& queue) const;

 private:
  struct Lock {
    std::string client_id;
    std::int64_t renewed_ms = 0;  ///< Monotonic.
  };
  bool expired(const Lock& lock, std::int64_t now_ms) const { return now_ms - lock.renewed_ms > lifetime_ms_; }

  const Clock& clock_;
  const std::int64_t lifetime_ms_;
  mutable std::mutex mutex_;
  /// Group → "topic\0broker\0queue" → lock.
  StringMap<StringMap<Lock>> groups_;
};

}  // namespace ogive::broker
