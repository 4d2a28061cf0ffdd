#pragma once
// The broker's subscription groups and read bans per group and topic, kept in config/subscriptionGroup.json.

#include <absl/container/flat_hash_map.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/string_map.h"
#include "broker/state/state_file.h"
#include "protocol/bodies/data_version.h"
#include "protocol/bodies/subscription_group.h"

namespace ogive::broker {

/// Shared because requests keep using the value they found while the table replaces it.
using GroupPtr = std::shared_ptr<const protocol::SubscriptionGroupConfig>;

struct GroupTableOptions {
  bool auto_create_group = true;     ///< autoCreateSubscriptionGroup
  std::size_t max_groups = 500'000;  ///< A further creation is refused (kLimit; null from find_or_create).
};

/// Bit of the ban table that forbids reading.
inline constexpr std::int32_t kForbidReadBit = 2;

/// Thread-safe; any thread, never blocks on the disk except in load, save_now and save_changes.
class GroupTable {
 public:
  GroupTable(GroupTableOptions options, const Clock& clock, StateFile file);

  /// Switches creation by use on or off. Any thread.
  void set_auto_create(bool enabled) { auto_create_.store(enabled, std::memory_order_relaxed); }

  Status load();
  Status save_now() { return file_.save_now(); }
  /// Returns when every change made before the call is in subscriptionGroup.json. Blocking.
  Status save_changes() { return file_.save_changes(); }
  /// For a timer: tries again what could not be saved.
  void retry_save() { file_.retry(); }

  /// Null when there is no such group.
  GroupPtr find(std::string_view name) const;
  /// Makes it with defaults where auto-creation or a system name allows it; null otherwise and for bad names.
  GroupPtr find_or_create(std::string_view name);
  /// Grows at every change of a group or a ban.
  std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

  Status create_or_update(protocol::SubscriptionGroupConfig config);
  /// One version and one save for all. All or nothing.
  Status create_or_update_all(std::vector<protocol::SubscriptionGroupConfig> configs);
  bool remove(std::string_view name);
  /// Takes a master's groups over ours; what the master does not have stays. Returns how many changed.
  std::size_t merge(std::vector<protocol::SubscriptionGroupConfig> configs);

  /// Whether `group` may not read `topic`.
  bool read_forbidden(std::string_view group, std::string_view topic) const;
  void forbid_read(std::string_view group, std::string_view topic, bool forbidden);

  std::vector<GroupPtr> snapshot() const;
  /// Group → topic → bits.
  using ForbiddenTable = std::map<std::string, std::map<std::string, std::int32_t>>;
  ForbiddenTable forbidden() const;
  std::size_t size() const;
  protocol::DataVersion data_version() const;

  /// File content and body of GET_ALL_SUBSCRIPTIONGROUP_CONFIG:
  /// {"dataVersion":…,"forbiddenTable":…,"subscriptionGroupTable":…}.
  std::string encode(bool pretty) const;

 private:
  Status decode(std::string_view json);
  void add_builtin_groups();
  /// With the lock held.
  GroupPtr put(protocol::SubscriptionGroupConfig config);
  void next_version();
  void changed();

  const GroupTableOptions options_;
  const Clock& clock_;
  mutable std::shared_mutex mutex_;
  StringMap<GroupPtr> groups_;
  ForbiddenTable forbidden_;
  std::atomic<bool> any_forbidden_{false};  ///< Spares pulls the lookup where there are no bans, as usual.
  protocol::DataVersion version_;
  std::atomic<std::uint64_t> generation_{1};
  std::atomic<bool> auto_create_;
  StateFile file_;  ///< Last: its saves use the rest.
};

}  // namespace ogive::broker
