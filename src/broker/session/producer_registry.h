#pragma once
// Which producers are online, by group. Fed by heartbeats; asked by tools and for transaction checks.

#include <absl/container/flat_hash_map.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/string_map.h"
#include "broker/session/client_session.h"

namespace ogive::broker {

/// Thread-safe.
class ProducerRegistry {
 public:
  static constexpr std::size_t kMaxSessions = 1'000'000;

  explicit ProducerRegistry(const Clock& clock, std::int64_t expiry_ms = kSessionExpiryMs)
      : clock_(clock), expiry_ms_(expiry_ms) {}

  void register_producer(const ClientSession& session, std::string_view group);
  void unregister_producer(remoting::ChannelId channel, std::string_view group);
  void on_channel_closed(remoting::ChannelId channel);
  /// Forgets members silent for the expiry time and gives their channels, which should be closed.
  std::vector<remoting::ChannelId> remove_expired();

  std::vector<ClientSession> members(std::string_view group) const;
  std::map<std::string, std::vector<ClientSession>> all() const;
  /// A live member of `group`, another one at each call: whom to ask about a transaction.
  std::optional<remoting::ChannelId> pick_channel(std::string_view group);
  std::size_t session_count() const { return sessions_.load(std::memory_order_relaxed); }

 private:
  using Members = absl::flat_hash_map<remoting::ChannelId, ClientSession>;
  const Clock& clock_;
  const std::int64_t expiry_ms_;
  mutable std::shared_mutex mutex_;
  StringMap<Members> groups_;
  absl::flat_hash_map<remoting::ChannelId, std::vector<std::string>> groups_of_channel_;
  std::atomic<std::size_t> sessions_{0};
  std::atomic<std::uint64_t> next_pick_{0};
};

}  // namespace ogive::broker
