// Look-ups and topic-wise changes of the route table; registration and departure are in route_table.cpp.

#include <algorithm>
#include <mutex>

#include "base/log.h"
#include "namesrv/route_body.h"
#include "namesrv/route_table.h"

namespace ogive::namesrv {
namespace {

/// Topics by which brokers find the members of their own group: always told as they are.
constexpr std::string_view kMemberTopicPrefix = "rmq_sys_SYNC_BROKER_MEMBER_";

}  // namespace

bool RouteTable::register_topic(const std::string& topic, const std::map<std::string, QueueData>& queues) {
  const std::unique_lock lock(mutex_);
  if (queues.empty()) return true;
  for (const auto& [broker_name, data] : queues) {
    if (groups_.contains(broker_name)) continue;
    OGIVE_LOG(warn, "namesrv", "topic {} not taken: its broker {} is not registered", topic, broker_name);
    return false;
  }
  for (const auto& [broker_name, data] : queues) set_queues(topic, broker_name, data);
  return topics_.contains(topic);
}

void RouteTable::delete_topic(const std::string& topic) {
  const std::unique_lock lock(mutex_);
  if (topics_.erase(topic) > 0) OGIVE_LOG(info, "namesrv", "topic {} deleted", topic);
  mappings_.erase(topic);
}

void RouteTable::delete_topic(const std::string& topic, const std::string& cluster) {
  const std::unique_lock lock(mutex_);
  const auto brokers = clusters_.find(cluster);
  const auto found = topics_.find(topic);
  if (brokers == clusters_.end() || found == topics_.end()) return;
  const auto mapping = mappings_.find(topic);
  for (const std::string& broker_name : brokers->second) {
    if (found->second.queues.erase(broker_name) == 0) continue;
    OGIVE_LOG(info, "namesrv", "topic {} deleted from {} of cluster {}", topic, broker_name, cluster);
    if (mapping != mappings_.end()) mapping->second.erase(broker_name);
  }
  found->second.changed();
  if (mapping != mappings_.end() && mapping->second.empty()) mappings_.erase(mapping);
  if (found->second.queues.empty()) topics_.erase(found);
}

std::int32_t RouteTable::wipe_write_permission(const std::string& broker_name) {
  return change_permission(broker_name, ~kPermWrite, 0);
}

std::int32_t RouteTable::add_write_permission(const std::string& broker_name) {
  return change_permission(broker_name, 0, kPermRead | kPermWrite);
}

std::int32_t RouteTable::change_permission(const std::string& broker_name, std::int32_t keep, std::int32_t add) {
  const std::unique_lock lock(mutex_);
  std::int32_t topics = 0;
  for (auto& [name, topic] : topics_) {
    const auto queues = topic.queues.find(broker_name);
    if (queues == topic.queues.end()) continue;
    queues->second.perm = (queues->second.perm & keep) | add;
    topic.changed();
    ++topics;
  }
  return topics;
}

std::shared_ptr<const std::string> RouteTable::route_body(std::string_view topic, JsonFlavour flavour) {
  const auto index = static_cast<std::size_t>(flavour);
  {
    const std::shared_lock lock(mutex_);
    const auto found = topics_.find(topic);
    if (found == topics_.end()) return nullptr;
    if (found->second.epoch == epoch_ && found->second.bodies[index]) return found->second.bodies[index];
  }
  const std::unique_lock lock(mutex_);
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return nullptr;
  Topic& entry = found->second;
  if (entry.epoch != epoch_) {
    entry.changed();
    entry.epoch = epoch_;
  }
  if (!entry.bodies[index]) {
    const auto built = build_route(found->first, entry);
    if (!built) return nullptr;
    entry.bodies[index] = std::make_shared<const std::string>(encode_route(*built, flavour));
  }
  return entry.bodies[index];
}

std::optional<TopicRoute> RouteTable::route(const std::string& topic) const {
  const std::shared_lock lock(mutex_);
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return std::nullopt;
  return build_route(found->first, found->second);
}

std::optional<TopicRoute> RouteTable::build_route(const std::string& topic, const Topic& entry) const {
  TopicRoute route;
  route.queues = entry.queues;
  for (const auto& [broker_name, queues] : entry.queues) {
    const auto group = groups_.find(broker_name);
    if (group == groups_.end()) continue;
    route.groups.push_back(group->second);
    if (filter_servers_.empty()) continue;
    for (const auto& [id, address] : group->second.addresses) {
      const auto servers = filter_servers_.find(BrokerKey{group->second.cluster, address});
      if (servers != filter_servers_.end()) route.filter_servers.emplace(address, servers->second);
    }
  }
  if (route.groups.empty()) return std::nullopt;
  if (const auto mapping = mappings_.find(topic); mapping != mappings_.end()) route.mappings = mapping->second;
  if (options_.attach_order_conf && order_conf_) route.order_conf = order_conf_(topic);
  if (options_.support_acting_master) act_for_missing_masters(topic, route);
  return route;
}

/// Where a group has no master and its queues cannot be written, its smallest id is told as the master.
void RouteTable::act_for_missing_masters(const std::string& topic, TopicRoute& route) const {
  if (topic.starts_with(kMemberTopicPrefix)) return;
  for (BrokerGroup& group : route.groups) {
    if (!group.enable_acting_master || group.addresses.empty() || group.addresses.contains(kMasterId)) continue;
    if ((route.queues.at(group.name).perm & kPermWrite) != 0) continue;
    auto acting = group.addresses.extract(group.addresses.begin());
    acting.key() = kMasterId;
    group.addresses.insert(std::move(acting));
  }
}

std::string RouteTable::cluster_info_body() const {
  const std::shared_lock lock(mutex_);
  return encode_cluster_info(groups_, clusters_);
}

std::map<std::int64_t, std::string> RouteTable::members(const std::string& broker_name) const {
  const std::shared_lock lock(mutex_);
  const auto found = groups_.find(broker_name);
  return found == groups_.end() ? std::map<std::int64_t, std::string>() : found->second.addresses;
}

std::vector<std::string> RouteTable::all_topics() const {
  std::vector<std::string> names;
  {
    const std::shared_lock lock(mutex_);
    names.reserve(topics_.size());
    for (const auto& [name, topic] : topics_) names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> RouteTable::topics_of_cluster(const std::string& cluster) const {
  std::vector<std::string> names;
  {
    const std::shared_lock lock(mutex_);
    const auto brokers = clusters_.find(cluster);
    if (brokers == clusters_.end()) return names;
    for (const auto& [name, topic] : topics_) {
      if (std::ranges::any_of(topic.queues, [&](const auto& entry) { return brokers->second.contains(entry.first); })) {
        names.push_back(name);
      }
    }
  }
  std::ranges::sort(names);
  return names;
}

RouteTable::SystemTopics RouteTable::system_topics() const {
  const std::shared_lock lock(mutex_);
  SystemTopics system;
  for (const auto& [cluster, brokers] : clusters_) {
    system.topics.insert(cluster);
    system.topics.insert(brokers.begin(), brokers.end());
  }
  if (!groups_.empty()) system.broker_address = groups_.begin()->second.addresses.begin()->second;
  return system;
}

std::vector<std::string> RouteTable::topics_by_flag(bool (*wanted)(std::int32_t topic_sys_flag)) const {
  std::vector<std::string> names;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [name, topic] : topics_) {
      if (wanted(topic.queues.begin()->second.topic_sys_flag)) names.push_back(name);
    }
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace ogive::namesrv
