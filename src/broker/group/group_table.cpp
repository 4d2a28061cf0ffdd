#include "broker/group/group_table.h"

#include <fmt/core.h>

#include <array>
#include <mutex>

#include "base/log.h"
#include "base/rate_limit.h"
#include "broker/topic/attributes.h"
#include "broker/topic/names.h"

namespace ogive::broker {
namespace {

constexpr std::array kBuiltinGroups = {
    std::string_view("TOOLS_CONSUMER"),    std::string_view("FILTERSRV_CONSUMER"),
    std::string_view("SELF_TEST_C_GROUP"), std::string_view("CID_ONS-HTTP-PROXY"),
    std::string_view("CID_ONSAPI_PULL"),   std::string_view("CID_ONSAPI_PERMISSION"),
    std::string_view("CID_ONSAPI_OWNER"),  std::string_view("CID_RMQ_SYS_TRANS"),
};

}  // namespace

GroupTable::GroupTable(GroupTableOptions options, const Clock& clock, StateFile file)
    : options_(options), clock_(clock), auto_create_(options_.auto_create_group), file_(std::move(file)) {
  version_.timestamp = clock_.wall_ms();
  add_builtin_groups();
  file_.set_source([this] { return encode(true); });
}

void GroupTable::add_builtin_groups() {
  for (const std::string_view name : kBuiltinGroups) {
    protocol::SubscriptionGroupConfig config;
    config.group_name = name;
    groups_[name] = std::make_shared<const protocol::SubscriptionGroupConfig>(std::move(config));
  }
}

Status GroupTable::load() {
  const auto loaded = file_.load([this](std::string_view json) { return decode(json); });
  if (!loaded) return fail(loaded.error());
  generation_.fetch_add(1, std::memory_order_acq_rel);
  OGIVE_LOG(info, "broker", "{} subscription groups{}", size(), *loaded ? "" : ", no stored ones");
  return {};
}

GroupPtr GroupTable::find(std::string_view name) const {
  std::shared_lock lock(mutex_);
  const auto found = groups_.find(name);
  return found == groups_.end() ? nullptr : found->second;
}

GroupPtr GroupTable::put(protocol::SubscriptionGroupConfig config) {
  if (groups_.size() >= options_.max_groups && !groups_.contains(config.group_name)) {
    static RateLimit limit(system_clock());
    if (const auto times = limit.allow(); times > 0) {
      OGIVE_LOG(error, "broker", "group {} is not created: there are {} groups, the limit ({} refusals)",
                config.group_name, groups_.size(), times);
    }
    return nullptr;
  }
  auto group = std::make_shared<const protocol::SubscriptionGroupConfig>(std::move(config));
  groups_[group->group_name] = group;
  return group;
}

void GroupTable::next_version() {
  version_.timestamp = clock_.wall_ms();
  ++version_.counter;
}

void GroupTable::changed() {
  generation_.fetch_add(1, std::memory_order_acq_rel);
  file_.save_soon();
}

GroupPtr GroupTable::find_or_create(std::string_view name) {
  if (GroupPtr found = find(name)) return found;
  if (!auto_create_.load(std::memory_order_relaxed) && !is_system_group(name)) return nullptr;
  if (group_name_error(name)) return nullptr;
  GroupPtr made;
  {
    std::unique_lock lock(mutex_);
    if (const auto found = groups_.find(name); found != groups_.end()) return found->second;
    protocol::SubscriptionGroupConfig config;
    config.group_name = name;
    made = put(std::move(config));
    if (!made) return nullptr;
    next_version();
  }
  OGIVE_LOG(info, "broker", "subscription group {} created on first use", name);
  changed();
  return made;
}

Status GroupTable::create_or_update(protocol::SubscriptionGroupConfig config) {
  std::vector<protocol::SubscriptionGroupConfig> one;
  one.push_back(std::move(config));
  return create_or_update_all(std::move(one));
}

Status GroupTable::create_or_update_all(std::vector<protocol::SubscriptionGroupConfig> configs) {
  for (const auto& config : configs) {
    if (auto error = group_name_error(config.group_name)) return fail(Errc::kInvalidArgument, std::move(*error));
  }
  {
    std::unique_lock lock(mutex_);
    if (groups_.size() + configs.size() > options_.max_groups) {
      return fail(Errc::kLimit, fmt::format("there are {} groups, {} more may pass the limit of {}: delete unused ones",
                                            groups_.size(), configs.size(), options_.max_groups));
    }
    for (auto& config : configs) {
      const auto found = groups_.find(config.group_name);
      const bool creating = found == groups_.end();
      auto attributes = apply_attribute_changes(creating, creating ? Attributes() : found->second->attributes,
                                                config.attributes, {.for_topics = false});
      if (!attributes) return fail(std::move(attributes).error());
      config.attributes = std::move(*attributes);
    }
    for (auto& config : configs) {
      OGIVE_LOG(info, "broker", "subscription group {} set: consume {} broadcast {} retry queues {} retries {}",
                config.group_name, config.consume_enable, config.consume_broadcast_enable, config.retry_queue_nums,
                config.retry_max_times);
      put(std::move(config));
    }
    if (configs.empty()) return {};
    next_version();
  }
  changed();
  return {};
}

bool GroupTable::remove(std::string_view name) {
  bool existed = false;
  {
    std::unique_lock lock(mutex_);
    const bool banned = forbidden_.erase(std::string(name)) != 0;
    any_forbidden_.store(!forbidden_.empty(), std::memory_order_release);
    if (const auto found = groups_.find(name); found != groups_.end()) {
      groups_.erase(found);
      existed = true;
    }
    if (!existed && !banned) return false;
    next_version();
  }
  OGIVE_LOG(info, "broker", "subscription group {} deleted", name);
  changed();
  return existed;
}

std::size_t GroupTable::merge(std::vector<protocol::SubscriptionGroupConfig> configs) {
  std::size_t count = 0;
  {
    std::unique_lock lock(mutex_);
    for (auto& config : configs) {
      if (const auto error = group_name_error(config.group_name)) {
        OGIVE_LOG(error, "broker", "a group of the master is not taken over: {}", *error);
        continue;
      }
      const auto held = groups_.find(config.group_name);
      if (held != groups_.end() && *held->second == config) continue;
      if (put(std::move(config)) != nullptr) ++count;
    }
    if (count == 0) return 0;
    next_version();
  }
  changed();
  return count;
}

bool GroupTable::read_forbidden(std::string_view group, std::string_view topic) const {
  if (!any_forbidden_.load(std::memory_order_acquire)) return false;
  std::shared_lock lock(mutex_);
  const auto topics = forbidden_.find(std::string(group));
  if (topics == forbidden_.end()) return false;
  const auto bits = topics->second.find(std::string(topic));
  return bits != topics->second.end() && (bits->second & (1 << kForbidReadBit)) != 0;
}

void GroupTable::forbid_read(std::string_view group, std::string_view topic, bool forbidden) {
  {
    std::unique_lock lock(mutex_);
    auto& topics = forbidden_[std::string(group)];
    auto& bits = topics[std::string(topic)];
    bits = forbidden ? bits | (1 << kForbidReadBit) : bits & ~(1 << kForbidReadBit);
    if (bits == 0) topics.erase(std::string(topic));
    if (topics.empty()) forbidden_.erase(std::string(group));
    any_forbidden_.store(!forbidden_.empty(), std::memory_order_release);
    next_version();
  }
  OGIVE_LOG(info, "broker", "group {} may {}read topic {}", group, forbidden ? "no longer " : "", topic);
  changed();
}

std::vector<GroupPtr> GroupTable::snapshot() const {
  std::vector<GroupPtr> groups;
  std::shared_lock lock(mutex_);
  groups.reserve(groups_.size());
  for (const auto& [name, group] : groups_) groups.push_back(group);
  return groups;
}

GroupTable::ForbiddenTable GroupTable::forbidden() const {
  std::shared_lock lock(mutex_);
  return forbidden_;
}

std::size_t GroupTable::size() const {
  std::shared_lock lock(mutex_);
  return groups_.size();
}

protocol::DataVersion GroupTable::data_version() const {
  std::shared_lock lock(mutex_);
  return version_;
}

}  // namespace ogive::broker
