#include "broker/session/producer_registry.h"

#include <iterator>
#include <mutex>

#include "base/log.h"
#include "base/rate_limit.h"

namespace ogive::broker {

void ProducerRegistry::register_producer(const ClientSession& session, std::string_view group) {
  std::unique_lock lock(mutex_);
  const auto found = groups_.find(group);
  const bool joined = found == groups_.end() || !found->second.contains(session.channel);
  if (joined && sessions_.load(std::memory_order_relaxed) >= kMaxSessions) {
    static RateLimit limit(system_clock());
    if (const auto times = limit.allow(); times > 0) {
      OGIVE_LOG(error, "broker", "{} producer registrations refused: {} sessions are the limit", times, kMaxSessions);
    }
    return;
  }
  ClientSession& member = groups_[std::string(group)][session.channel];
  member = session;
  member.last_update_ms = clock_.wall_ms();
  member.heard_ms = clock_.monotonic_ms();
  if (!joined) return;
  sessions_.fetch_add(1, std::memory_order_relaxed);
  groups_of_channel_[session.channel].emplace_back(group);
  OGIVE_LOG(info, "broker", "producer {} at {} joined group {}", session.client_id, session.remote.to_string(), group);
}

void ProducerRegistry::unregister_producer(remoting::ChannelId channel, std::string_view group) {
  std::unique_lock lock(mutex_);
  const auto found = groups_.find(group);
  if (found == groups_.end() || found->second.erase(channel) == 0) return;
  sessions_.fetch_sub(1, std::memory_order_relaxed);
  if (found->second.empty()) groups_.erase(found);
  if (auto names = groups_of_channel_.find(channel); names != groups_of_channel_.end()) {
    std::erase(names->second, group);
    if (names->second.empty()) groups_of_channel_.erase(names);
  }
}

void ProducerRegistry::on_channel_closed(remoting::ChannelId channel) {
  std::unique_lock lock(mutex_);
  const auto names = groups_of_channel_.find(channel);
  if (names == groups_of_channel_.end()) return;
  for (const std::string& name : names->second) {
    const auto group = groups_.find(name);
    if (group == groups_.end()) continue;
    sessions_.fetch_sub(group->second.erase(channel), std::memory_order_relaxed);
    if (group->second.empty()) groups_.erase(group);
  }
  groups_of_channel_.erase(names);
}

std::vector<remoting::ChannelId> ProducerRegistry::remove_expired() {
  std::vector<remoting::ChannelId> expired;
  const std::int64_t oldest = clock_.monotonic_ms() - expiry_ms_;
  {
    std::shared_lock lock(mutex_);
    for (const auto& [name, members] : groups_) {
      for (const auto& [channel, member] : members) {
        if (member.heard_ms < oldest) expired.push_back(channel);
      }
    }
  }
  for (const remoting::ChannelId channel : expired) {
    OGIVE_LOG(warn, "broker", "a producer's connection sent no heartbeat for {} s and is closed", expiry_ms_ / 1000);
    on_channel_closed(channel);
  }
  return expired;
}

std::vector<ClientSession> ProducerRegistry::members(std::string_view group) const {
  std::vector<ClientSession> members;
  std::shared_lock lock(mutex_);
  if (const auto found = groups_.find(group); found != groups_.end()) {
    for (const auto& [channel, member] : found->second) members.push_back(member);
  }
  return members;
}

std::map<std::string, std::vector<ClientSession>> ProducerRegistry::all() const {
  std::map<std::string, std::vector<ClientSession>> all;
  std::shared_lock lock(mutex_);
  for (const auto& [name, members] : groups_) {
    auto& list = all[name];
    for (const auto& [channel, member] : members) list.push_back(member);
  }
  return all;
}

std::optional<remoting::ChannelId> ProducerRegistry::pick_channel(std::string_view group) {
  std::shared_lock lock(mutex_);
  const auto found = groups_.find(group);
  if (found == groups_.end() || found->second.empty()) return std::nullopt;
  const auto turn = next_pick_.fetch_add(1, std::memory_order_relaxed) % found->second.size();
  return std::next(found->second.begin(), static_cast<std::ptrdiff_t>(turn))->first;
}

}  // namespace ogive::broker
