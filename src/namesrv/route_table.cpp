#include "namesrv/route_table.h"

#include <algorithm>
#include <mutex>

#include "base/log.h"

namespace ogive::namesrv {
namespace {

/// Connections remembered per broker to recognise messages of its earlier incarnations.
constexpr std::size_t kMaxReplacedChannels = 8;

std::int64_t min_id(const BrokerGroup& group) {
  return group.addresses.empty() ? kMasterId : group.addresses.begin()->first;
}

MinBrokerNotice notice_for(const BrokerGroup& group) {
  MinBrokerNotice notice;
  notice.min_broker_id = group.addresses.begin()->first;
  notice.min_address = group.addresses.begin()->second;
  return notice;
}

}  // namespace

/// Brokers removed under one lock: topics are swept once for all of them.
struct RouteTable::Departures {
  std::set<std::string> gone;                       ///< Broker names without any broker left.
  std::set<std::string> reduced;                    ///< Broker names with fewer brokers than before.
  std::map<std::string, std::string> lost_minimum;  ///< Broker name to the address that held its smallest id.
  bool empty() const { return gone.empty() && reduced.empty(); }
};

RouteTable::RouteTable(RouteOptions options, OrderConf order_conf, RouteLimits limits)
    : options_(options), order_conf_(std::move(order_conf)), limits_(limits) {}

void RouteTable::set_options(RouteOptions options) {
  const std::unique_lock lock(mutex_);
  options_ = options;
  groups_changed();
}

void RouteTable::invalidate() {
  const std::unique_lock lock(mutex_);
  groups_changed();
}

RegistrationResult RouteTable::register_broker(const Registration& registration, std::int64_t now_ms) {
  const std::unique_lock lock(mutex_);
  RegistrationResult result;
  const bool first = join_group(registration, result);
  if (result.outcome != RegistrationResult::Outcome::kAccepted) return result;
  const BrokerGroup& group = groups_[registration.broker_name];

  const bool prime_slave = registration.enable_acting_master.has_value() && registration.broker_id != kMasterId &&
                           registration.broker_id == min_id(group);
  if (registration.broker_id == kMasterId || prime_slave) take_topics(registration, group, first);
  take_liveness(registration, now_ms);
  if (registration.broker_id != kMasterId) name_master(registration, group, result);
  return result;
}

/// Enters the broker into its group. True when its id is new there, so that everything it says is news.
bool RouteTable::join_group(const Registration& registration, RegistrationResult& result) {
  const std::string& address = registration.key.address;
  const auto known = groups_.find(registration.broker_name);
  const bool id_known = known != groups_.end() && known->second.addresses.contains(registration.broker_id);
  if (!id_known && registration.topics.size() == 1) {
    result.outcome = RegistrationResult::Outcome::kSingleTopicFirst;
    return false;
  }
  if (live_.size() >= limits_.max_brokers && !live_.contains(registration.key)) {
    result.outcome = RegistrationResult::Outcome::kTableFull;
    return false;
  }

  if (known != groups_.end()) {
    // An address serves one id: a slave that became master leaves its old id.
    const auto stale = std::erase_if(known->second.addresses, [&](const auto& entry) {
      return entry.second == address && entry.first != registration.broker_id;
    });
    if (stale > 0) groups_changed();
  }
  if (id_known) {
    const std::string& holder = known->second.addresses[registration.broker_id];
    const auto live = live_.find(BrokerKey{registration.key.cluster, holder});
    if (holder != address && live != live_.end() &&
        live->second.version.state_version > registration.version.state_version) {
      OGIVE_LOG(warn, "namesrv",
                "registration of {} as {} id {} refused: {} holds the id with state version {}, newer than {}", address,
                registration.broker_name, registration.broker_id, holder, live->second.version.state_version,
                registration.version.state_version);
      live_.erase(registration.key);
      result.outcome = RegistrationResult::Outcome::kOutdated;
      return false;
    }
  }

  BrokerGroup& group = groups_[registration.broker_name];
  if (group.name.empty()) {
    group.name = registration.broker_name;
    group.cluster = registration.key.cluster;
  }
  clusters_[registration.key.cluster].insert(registration.broker_name);
  const std::int64_t previous_min = min_id(group);
  const bool acting = registration.enable_acting_master.value_or(false);
  std::string& slot = group.addresses[registration.broker_id];
  const bool first = slot.empty();
  if (slot != address || group.enable_acting_master != acting || group.zone != registration.zone) groups_changed();
  slot = address;
  group.enable_acting_master = acting;
  group.zone = registration.zone;

  if (registration.broker_id < previous_min && acting && options_.notify_min_broker_id_changed) {
    MinBrokerNotice notice = notice_for(group);
    notice.ha_address = registration.ha_address;
    for (const auto& [id, recipient] : group.addresses) {
      if (group.addresses.size() == 1 || id != notice.min_broker_id) notice.recipients.push_back(recipient);
    }
    result.notice = std::move(notice);
  }
  return first;
}

void RouteTable::take_topics(const Registration& registration, const BrokerGroup& group, bool first) {
  const auto live = live_.find(registration.key);
  const bool changed = first || live == live_.end() || live->second.version != registration.version;
  if (options_.delete_topic_with_registration && registration.mappings.empty()) delete_missing_topics(registration);

  const bool read_only = registration.broker_id != kMasterId && group.enable_acting_master;
  for (const RegisteredTopic& topic : registration.topics) {
    if (!changed) {
      const auto known = topics_.find(topic.name);
      if (known != topics_.end() && known->second.queues.contains(registration.broker_name)) continue;
    }
    QueueData queues = topic.queues;
    if (read_only) queues.perm &= ~kPermWrite;
    set_queues(topic.name, registration.broker_name, queues);
  }
  if (changed) take_mappings(registration);
}

void RouteTable::delete_missing_topics(const Registration& registration) {
  std::set<std::string_view> named;
  for (const RegisteredTopic& topic : registration.topics) named.insert(topic.name);
  absl::erase_if(topics_, [&](auto& entry) {
    Topic& topic = entry.second;
    if (named.contains(entry.first) || topic.queues.erase(registration.broker_name) == 0) return false;
    topic.changed();
    OGIVE_LOG(info, "namesrv", "topic {} removed from {}: its registration no longer names it", entry.first,
              registration.broker_name);
    return topic.queues.empty();
  });
}

void RouteTable::set_queues(const std::string& topic, const std::string& broker_name, const QueueData& queues) {
  auto found = topics_.find(topic);
  if (found == topics_.end()) {
    if (topics_.size() >= limits_.max_topics) {
      OGIVE_LOG(warn, "namesrv", "topic {} of {} not taken: {} topics are registered, which is the limit", topic,
                broker_name, limits_.max_topics);
      return;
    }
    OGIVE_LOG(info, "namesrv", "new topic registered, {} on {}: read {} write {} perm {}", topic, broker_name,
              queues.read_queues, queues.write_queues, queues.perm);
    found = topics_.try_emplace(topic).first;
  }
  const auto [slot, fresh] = found->second.queues.try_emplace(broker_name, queues);
  if (!fresh) {
    if (slot->second == queues) return;
    OGIVE_LOG(info, "namesrv", "topic changed, {} on {}: read {} write {} perm {}", topic, broker_name,
              queues.read_queues, queues.write_queues, queues.perm);
    slot->second = queues;
  }
  found->second.changed();
}

void RouteTable::take_mappings(const Registration& registration) {
  for (const QueueMapping& mapping : registration.mappings) {
    mappings_[mapping.topic][mapping.broker_name] = mapping;
    if (const auto topic = topics_.find(mapping.topic); topic != topics_.end()) topic->second.changed();
  }
}

void RouteTable::take_liveness(const Registration& registration, std::int64_t now_ms) {
  const auto [slot, fresh] = live_.try_emplace(registration.key);
  Live& live = slot->second;
  if (fresh) {
    OGIVE_LOG(info, "namesrv", "new broker registered, {} {} id {} at {} HAService: {}", registration.key.cluster,
              registration.broker_name, registration.broker_id, registration.key.address, registration.ha_address);
  } else if (live.channel != registration.channel) {
    std::erase(live.replaced, registration.channel);
    if (live.replaced.size() >= kMaxReplacedChannels) live.replaced.erase(live.replaced.begin());
    live.replaced.push_back(live.channel);
  }
  live.broker_name = registration.broker_name;
  live.broker_id = registration.broker_id;
  live.channel = registration.channel;
  live.last_update_ms = now_ms;
  live.timeout_ms = registration.timeout_ms.value_or(kDefaultBrokerTimeoutMs);
  live.version = registration.version;
  live.ha_address = registration.ha_address;

  if (!registration.filter_servers) return;
  const auto known = filter_servers_.find(registration.key);
  if (registration.filter_servers->empty()) {
    if (known == filter_servers_.end()) return;
    filter_servers_.erase(known);
  } else {
    if (known != filter_servers_.end() && known->second == *registration.filter_servers) return;
    filter_servers_[registration.key] = *registration.filter_servers;
  }
  groups_changed();
}

void RouteTable::name_master(const Registration& registration, const BrokerGroup& group,
                             RegistrationResult& result) const {
  const auto master = group.addresses.find(kMasterId);
  if (master == group.addresses.end()) return;
  const auto live = live_.find(BrokerKey{registration.key.cluster, master->second});
  if (live == live_.end()) return;
  result.master_address = master->second;
  result.master_ha_address = live->second.ha_address;
}

std::vector<MinBrokerNotice> RouteTable::unregister(std::span<const Unregistration> batch) {
  const std::unique_lock lock(mutex_);
  Departures departures;
  for (const Unregistration& request : batch) {
    const auto live = live_.find(request.key);
    if (live == live_.end()) {
      depart(request.key, request.broker_name, departures);
      continue;
    }
    if (std::ranges::find(live->second.replaced, request.channel) != live->second.replaced.end()) {
      OGIVE_LOG(warn, "namesrv",
                "unregistration of {} {} ignored: it came over a connection that a newer registration has replaced",
                request.broker_name, request.key.address);
      continue;
    }
    depart(request.key, std::string(live->second.broker_name), departures);
  }
  return finish(departures);
}

std::vector<MinBrokerNotice> RouteTable::remove_channels(std::span<const remoting::ChannelId> channels) {
  const std::unique_lock lock(mutex_);
  std::vector<BrokerKey> lost;
  for (auto& [key, live] : live_) {
    std::erase_if(live.replaced, [&](const auto& id) { return std::ranges::find(channels, id) != channels.end(); });
    if (std::ranges::find(channels, live.channel) != channels.end()) lost.push_back(key);
  }
  return remove_keys(lost);
}

RouteTable::Expired RouteTable::expire(std::int64_t now_ms) {
  const std::unique_lock lock(mutex_);
  Expired expired;
  std::vector<BrokerKey> silent;
  for (const auto& [key, live] : live_) {
    if (live.last_update_ms + live.timeout_ms >= now_ms) continue;
    OGIVE_LOG(warn, "namesrv", "broker expired: {} {} at {} was silent for {} ms, more than {}", key.cluster,
              live.broker_name, key.address, now_ms - live.last_update_ms, live.timeout_ms);
    silent.push_back(key);
    expired.channels.push_back(live.channel);
  }
  expired.notices = remove_keys(silent);
  std::erase_if(expired.channels, [&](const remoting::ChannelId& channel) {
    return std::ranges::any_of(live_, [&](const auto& entry) { return entry.second.channel == channel; });
  });
  return expired;
}

std::vector<MinBrokerNotice> RouteTable::remove_keys(std::span<const BrokerKey> keys) {
  Departures departures;
  for (const BrokerKey& key : keys) depart(key, std::string(live_.at(key).broker_name), departures);
  return finish(departures);
}

void RouteTable::depart(const BrokerKey& key, const std::string& broker_name, Departures& departures) {
  const bool was_live = live_.erase(key) > 0;
  if (filter_servers_.erase(key) > 0) groups_changed();
  const auto found = groups_.find(broker_name);
  if (found == groups_.end()) return;
  BrokerGroup& group = found->second;
  const std::int64_t previous_min = min_id(group);
  const auto removed = std::erase_if(group.addresses, [&](const auto& entry) { return entry.second == key.address; });
  OGIVE_LOG(info, "namesrv", "broker unregistered: {} {} at {} ({}, {})", key.cluster, broker_name, key.address,
            was_live ? "was registered" : "was not registered",
            removed > 0 ? "left its group" : "was not in its group");
  if (removed == 0) return;
  groups_changed();
  if (group.addresses.empty()) {
    remove_group(broker_name);
    departures.gone.insert(broker_name);
    departures.reduced.erase(broker_name);
    departures.lost_minimum.erase(broker_name);
    return;
  }
  departures.reduced.insert(broker_name);
  if (previous_min != min_id(group)) departures.lost_minimum[broker_name] = key.address;
}

void RouteTable::remove_group(const std::string& broker_name) {
  groups_.erase(broker_name);
  for (auto cluster = clusters_.begin(); cluster != clusters_.end();) {
    cluster->second.erase(broker_name);
    cluster = cluster->second.empty() ? clusters_.erase(cluster) : std::next(cluster);
  }
  absl::erase_if(mappings_, [&](auto& entry) {
    entry.second.erase(broker_name);
    return entry.second.empty();
  });
}

/// Sweeps the topics of what departed and says who must hear of a new smallest id.
std::vector<MinBrokerNotice> RouteTable::finish(Departures& departures) {
  std::vector<MinBrokerNotice> notices;
  if (departures.empty()) return notices;
  // A group that allows acting masters and has lost its master can be read but not written.
  std::erase_if(departures.reduced, [&](const std::string& name) {
    const BrokerGroup& group = groups_.at(name);
    return !group.enable_acting_master || group.addresses.contains(kMasterId);
  });
  absl::erase_if(topics_, [&](auto& entry) {
    Topic& topic = entry.second;
    for (const std::string& name : departures.gone) {
      if (topic.queues.erase(name) > 0) topic.changed();
    }
    for (const std::string& name : departures.reduced) {
      const auto queues = topic.queues.find(name);
      if (queues == topic.queues.end() || (queues->second.perm & kPermWrite) == 0) continue;
      queues->second.perm &= ~kPermWrite;
      topic.changed();
    }
    return topic.queues.empty();
  });
  if (!options_.notify_min_broker_id_changed) return notices;
  for (const auto& [name, offline] : departures.lost_minimum) {
    const BrokerGroup& group = groups_.at(name);
    if (!group.enable_acting_master) continue;
    MinBrokerNotice notice = notice_for(group);
    notice.offline_address = offline;
    for (const auto& entry : group.addresses) notice.recipients.push_back(entry.second);
    notices.push_back(std::move(notice));
  }
  return notices;
}

void RouteTable::touch(const BrokerKey& key, std::int64_t now_ms) {
  const std::unique_lock lock(mutex_);
  if (const auto found = live_.find(key); found != live_.end()) found->second.last_update_ms = now_ms;
}

std::optional<DataVersion> RouteTable::data_version(const BrokerKey& key) const {
  const std::shared_lock lock(mutex_);
  const auto found = live_.find(key);
  if (found == live_.end()) return std::nullopt;
  return found->second.version;
}

std::size_t RouteTable::live_brokers() const {
  const std::shared_lock lock(mutex_);
  return live_.size();
}

}  // namespace ogive::namesrv
