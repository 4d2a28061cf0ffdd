#pragma once
// Which consumers are online, in which groups, and what the groups subscribe to. Fed by heartbeats, asked by every
// pull.

#include <absl/container/flat_hash_map.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/string_map.h"
#include "broker/session/client_session.h"
#include "protocol/bodies/heartbeat.h"

namespace ogive::broker {

/// One topic of one group, ready for filtering. Immutable.
struct Subscription {
  protocol::SubscriptionData data;      ///< As the client sent it.
  std::vector<std::int64_t> tag_codes;  ///< Sorted, as store::ReadRequest wants them; empty = every message.
  bool is_tag = true;                   ///< Else an SQL92 expression.
};
/// Shared because pulls keep using the value they found while a heartbeat replaces it.
using SubscriptionPtr = std::shared_ptr<const Subscription>;

/// Builds the filter form of what a heartbeat or a pull with its own expression says. The expression decides; tags and
/// codes that the client sent along are not trusted.
SubscriptionPtr make_subscription(protocol::SubscriptionData data);

/// What a group's newest heartbeat said. Immutable; replaced at changes.
struct ConsumerGroup {
  std::string name;
  std::string consume_type;        ///< "CONSUME_ACTIVELY", "CONSUME_PASSIVELY", "CONSUME_POP"
  std::string message_model;       ///< "CLUSTERING", "BROADCASTING"
  std::string consume_from_where;  ///< "CONSUME_FROM_LAST_OFFSET", …
  bool notify_ids_changed = true;  ///< From the group's configuration.
  std::map<std::string, SubscriptionPtr, std::less<>> subscriptions;  ///< By topic.

  bool broadcasting() const { return message_model == "BROADCASTING"; }
  bool pops() const { return consume_type == "CONSUME_POP"; }
  /// Null when the group does not subscribe to `topic`.
  SubscriptionPtr find(std::string_view topic) const;
};
using ConsumerGroupPtr = std::shared_ptr<const ConsumerGroup>;

/// One consumer group of one heartbeat.
struct ConsumerRegistration {
  std::string group;
  std::string consume_type;
  std::string message_model;
  std::string consume_from_where;
  bool notify_ids_changed = true;
  bool keep_subscriptions = false;  ///< A short heartbeat (V2): what is known of subscriptions stays.
  std::int32_t fingerprint = 0;     ///< Of the client's subscriptions (V2), 0 from older clients.
  std::vector<protocol::SubscriptionData> subscriptions;
};

/// Thread-safe; callbacks run outside its lock on the calling thread.
class ConsumerRegistry {
 public:
  static constexpr std::size_t kMaxSessions = 1'000'000;

  /// Every online member of `group` should ask for the member list again (NOTIFY_CONSUMER_IDS_CHANGED). Not called for
  /// broadcasting groups and where the group's notification is off.
  using IdsChanged = std::function<void(const std::string& group, const std::vector<remoting::ChannelId>& members)>;

  explicit ConsumerRegistry(const Clock& clock, std::int64_t expiry_ms = kSessionExpiryMs)
      : clock_(clock), expiry_ms_(expiry_ms) {}
  void set_ids_changed(IdsChanged listener) { on_ids_changed_ = std::move(listener); }

  struct Outcome {
    bool changed = false;  ///< Membership or the set of topics.
    bool subscriptions_wanted =
        false;  ///< The client must send its subscriptions: what is known differs or is nothing.
  };
  /// Adds or refreshes one member and its group's subscriptions.
  Outcome register_consumer(const ClientSession& session, const ConsumerRegistration& registration);
  void unregister_consumer(remoting::ChannelId channel, std::string_view group);
  void on_channel_closed(remoting::ChannelId channel);
  /// Forgets members silent for the expiry time and gives their channels, which should be closed.
  std::vector<remoting::ChannelId> remove_expired();

  /// Null when no member of the group is online.
  ConsumerGroupPtr find(std::string_view group) const;
  /// Null when the group is offline or does not subscribe to `topic`.
  SubscriptionPtr find_subscription(std::string_view group, std::string_view topic) const;
  /// Grows whenever find or find_subscription may answer differently.
  std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

  std::vector<ClientSession> members(std::string_view group) const;
  std::vector<std::string> client_ids(std::string_view group) const;
  /// The member with this client id, or nothing.
  std::optional<ClientSession> find_member(std::string_view group, std::string_view client_id) const;
  std::vector<std::string> groups_of_topic(std::string_view topic) const;
  std::vector<std::string> groups() const;
  std::size_t session_count() const { return sessions_.load(std::memory_order_relaxed); }

 private:
  struct Entry {
    ConsumerGroupPtr view;
    absl::flat_hash_map<remoting::ChannelId, ClientSession> members;
    std::int32_t fingerprint = 0;
    bool has_subscriptions = false;  ///< A full heartbeat has come.
  };
  /// Whom to tell, collected under the lock, told outside it.
  struct Notice {
    std::string group;
    std::vector<remoting::ChannelId> members;
  };
  using Groups = StringMap<Entry>;
  /// With the lock held: a group with its first member's traits, or null beyond kMaxSessions.
  Entry* admit(const ClientSession& session, const std::string& group, bool& joined);
  /// With the lock held: drops the member, and the group with its last one. False when it was not there.
  bool drop(Groups::iterator group, remoting::ChannelId channel, std::vector<Notice>& notices);
  static void collect(const std::string& group, const Entry& entry, std::vector<Notice>& notices);
  void tell(const std::vector<Notice>& notices);

  const Clock& clock_;
  const std::int64_t expiry_ms_;
  IdsChanged on_ids_changed_;
  mutable std::shared_mutex mutex_;
  Groups groups_;
  absl::flat_hash_map<remoting::ChannelId, std::vector<std::string>> groups_of_channel_;
  std::atomic<std::size_t> sessions_{0};
  std::atomic<std::uint64_t> generation_{1};
};

}  // namespace ogive::broker
