#include "broker/session/consumer_registry.h"

#include <algorithm>
#include <mutex>
#include <set>

#include "base/log.h"
#include "base/rate_limit.h"

namespace ogive::broker {
namespace {

/// Brings the group's subscriptions to what its newest heartbeat says: a newer version of a topic's subscription
/// replaces the older, topics no longer named go. True when the set of topics changed; `replaced` when only contents
/// did.
bool merge_subscriptions(ConsumerGroup& view, const ConsumerRegistration& registration, bool& replaced) {
  bool topics_changed = false;
  std::set<std::string_view> named;
  for (const protocol::SubscriptionData& data : registration.subscriptions) {
    named.insert(data.topic);
    auto found = view.subscriptions.find(data.topic);
    if (found == view.subscriptions.end()) {
      view.subscriptions.emplace(data.topic, make_subscription(data));
      topics_changed = true;
    } else if (data.sub_version > found->second->data.sub_version) {
      found->second = make_subscription(data);
      replaced = true;
    }
  }
  topics_changed |=
      std::erase_if(view.subscriptions, [&](const auto& item) { return !named.contains(item.first); }) > 0;
  return topics_changed;
}

bool same_traits(const ConsumerGroup& view, const ConsumerRegistration& registration) {
  return view.consume_type == registration.consume_type && view.message_model == registration.message_model &&
         view.consume_from_where == registration.consume_from_where &&
         view.notify_ids_changed == registration.notify_ids_changed;
}

/// Whether merging would change anything: heartbeats mostly repeat what is known, and then nothing is copied.
bool same_subscriptions(const ConsumerGroup& view, const ConsumerRegistration& registration) {
  if (view.subscriptions.size() != registration.subscriptions.size()) return false;
  return std::all_of(registration.subscriptions.begin(), registration.subscriptions.end(), [&](const auto& data) {
    const auto found = view.subscriptions.find(data.topic);
    return found != view.subscriptions.end() && data.sub_version <= found->second->data.sub_version;
  });
}

}  // namespace

SubscriptionPtr ConsumerGroup::find(std::string_view topic) const {
  const auto found = subscriptions.find(topic);
  return found == subscriptions.end() ? nullptr : found->second;
}

ConsumerRegistry::Entry* ConsumerRegistry::admit(const ClientSession& session, const std::string& group, bool& joined) {
  auto found = groups_.find(group);
  joined = found == groups_.end() || !found->second.members.contains(session.channel);
  if (joined && sessions_.load(std::memory_order_relaxed) >= kMaxSessions) return nullptr;
  Entry& entry = groups_[group];
  ClientSession& member = entry.members[session.channel];
  if (!joined && member.client_id != session.client_id) {
    OGIVE_LOG(warn, "broker", "consumer group {}: connection {} now calls itself {}, it was {}", group,
              session.remote.to_string(), session.client_id, member.client_id);
  }
  member = session;
  member.last_update_ms = clock_.wall_ms();
  member.heard_ms = clock_.monotonic_ms();
  if (joined) {
    sessions_.fetch_add(1, std::memory_order_relaxed);
    groups_of_channel_[session.channel].push_back(group);
    OGIVE_LOG(info, "broker", "consumer {} at {} joined group {}", session.client_id, session.remote.to_string(),
              group);
  }
  return &entry;
}

ConsumerRegistry::Outcome ConsumerRegistry::register_consumer(const ClientSession& session,
                                                              const ConsumerRegistration& registration) {
  Outcome outcome;
  std::vector<Notice> notices;
  {
    std::unique_lock lock(mutex_);
    Entry* entry = admit(session, registration.group, outcome.changed);
    if (entry == nullptr) {
      static RateLimit limit(system_clock());
      if (const auto times = limit.allow(); times > 0) {
        OGIVE_LOG(error, "broker", "{} consumer registrations refused: {} sessions are the limit", times, kMaxSessions);
      }
      return {};
    }
    if (registration.keep_subscriptions) {
      outcome.subscriptions_wanted = !entry->has_subscriptions;
    }
    if (registration.fingerprint != 0) {
      outcome.subscriptions_wanted |= entry->fingerprint != 0 && entry->fingerprint != registration.fingerprint;
    }
    entry->fingerprint = registration.fingerprint;

    const bool known = entry->view != nullptr;
    const bool merge = !registration.keep_subscriptions && (!known || !same_subscriptions(*entry->view, registration));
    entry->has_subscriptions |= !registration.keep_subscriptions;
    if (!known || merge || !same_traits(*entry->view, registration)) {
      auto view = known ? std::make_shared<ConsumerGroup>(*entry->view) : std::make_shared<ConsumerGroup>();
      view->name = registration.group;
      view->consume_type = registration.consume_type;
      view->message_model = registration.message_model;
      view->consume_from_where = registration.consume_from_where;
      view->notify_ids_changed = registration.notify_ids_changed;
      bool replaced = false;
      if (merge) outcome.changed |= merge_subscriptions(*view, registration, replaced);
      entry->view = std::move(view);
      generation_.fetch_add(1, std::memory_order_acq_rel);
    }
    if (outcome.changed) collect(registration.group, *entry, notices);
  }
  tell(notices);
  return outcome;
}

void ConsumerRegistry::collect(const std::string& group, const Entry& entry, std::vector<Notice>& notices) {
  if (!entry.view || !entry.view->notify_ids_changed || entry.view->broadcasting() || entry.members.empty()) return;
  Notice notice{group, {}};
  for (const auto& [channel, member] : entry.members) notice.members.push_back(channel);
  notices.push_back(std::move(notice));
}

void ConsumerRegistry::tell(const std::vector<Notice>& notices) {
  if (!on_ids_changed_) return;
  for (const Notice& notice : notices) on_ids_changed_(notice.group, notice.members);
}

bool ConsumerRegistry::drop(Groups::iterator group, remoting::ChannelId channel, std::vector<Notice>& notices) {
  Entry& entry = group->second;
  const auto member = entry.members.find(channel);
  if (member == entry.members.end()) return false;
  OGIVE_LOG(info, "broker", "consumer {} at {} left group {}", member->second.client_id,
            member->second.remote.to_string(), group->first);
  entry.members.erase(member);
  sessions_.fetch_sub(1, std::memory_order_relaxed);
  if (entry.members.empty()) {
    groups_.erase(group);
    generation_.fetch_add(1, std::memory_order_acq_rel);
  } else {
    collect(group->first, entry, notices);
  }
  return true;
}

void ConsumerRegistry::unregister_consumer(remoting::ChannelId channel, std::string_view group) {
  std::vector<Notice> notices;
  {
    std::unique_lock lock(mutex_);
    const auto found = groups_.find(group);
    if (found == groups_.end() || !drop(found, channel, notices)) return;
    if (auto names = groups_of_channel_.find(channel); names != groups_of_channel_.end()) {
      std::erase(names->second, group);
      if (names->second.empty()) groups_of_channel_.erase(names);
    }
  }
  tell(notices);
}

void ConsumerRegistry::on_channel_closed(remoting::ChannelId channel) {
  std::vector<Notice> notices;
  {
    std::unique_lock lock(mutex_);
    const auto names = groups_of_channel_.find(channel);
    if (names == groups_of_channel_.end()) return;
    for (const std::string& name : names->second) {
      if (const auto group = groups_.find(name); group != groups_.end()) drop(group, channel, notices);
    }
    groups_of_channel_.erase(names);
  }
  tell(notices);
}

std::vector<remoting::ChannelId> ConsumerRegistry::remove_expired() {
  std::vector<remoting::ChannelId> expired;
  const std::int64_t oldest = clock_.monotonic_ms() - expiry_ms_;
  {
    std::shared_lock lock(mutex_);
    for (const auto& [name, entry] : groups_) {
      for (const auto& [channel, member] : entry.members) {
        if (member.heard_ms < oldest) expired.push_back(channel);
      }
    }
  }
  for (const remoting::ChannelId channel : expired) {
    OGIVE_LOG(warn, "broker", "a consumer's connection sent no heartbeat for {} s and is closed", expiry_ms_ / 1000);
    on_channel_closed(channel);
  }
  return expired;
}

ConsumerGroupPtr ConsumerRegistry::find(std::string_view group) const {
  std::shared_lock lock(mutex_);
  const auto found = groups_.find(group);
  return found == groups_.end() ? nullptr : found->second.view;
}

SubscriptionPtr ConsumerRegistry::find_subscription(std::string_view group, std::string_view topic) const {
  const ConsumerGroupPtr view = find(group);
  return view ? view->find(topic) : nullptr;
}

std::vector<ClientSession> ConsumerRegistry::members(std::string_view group) const {
  std::vector<ClientSession> members;
  std::shared_lock lock(mutex_);
  if (const auto found = groups_.find(group); found != groups_.end()) {
    for (const auto& [channel, member] : found->second.members) members.push_back(member);
  }
  return members;
}

std::vector<std::string> ConsumerRegistry::client_ids(std::string_view group) const {
  std::vector<std::string> ids;
  for (ClientSession& member : members(group)) ids.push_back(std::move(member.client_id));
  return ids;
}

std::optional<ClientSession> ConsumerRegistry::find_member(std::string_view group, std::string_view client_id) const {
  for (ClientSession& member : members(group)) {
    if (member.client_id == client_id) return std::move(member);
  }
  return std::nullopt;
}

std::vector<std::string> ConsumerRegistry::groups_of_topic(std::string_view topic) const {
  std::vector<std::string> names;
  std::shared_lock lock(mutex_);
  for (const auto& [name, entry] : groups_) {
    if (entry.view && entry.view->find(topic)) names.push_back(name);
  }
  return names;
}

std::vector<std::string> ConsumerRegistry::groups() const {
  std::vector<std::string> names;
  std::shared_lock lock(mutex_);
  for (const auto& [name, entry] : groups_) names.push_back(name);
  return names;
}

}  // namespace ogive::broker
