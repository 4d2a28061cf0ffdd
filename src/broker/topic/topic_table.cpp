#include "broker/topic/topic_table.h"

#include <fmt/core.h>

#include <algorithm>
#include <mutex>

#include "base/log.h"
#include "base/rate_limit.h"
#include "broker/topic/attributes.h"
#include "broker/topic/names.h"
#include "store/queue/consume_queue.h"

namespace ogive::broker {
namespace {

constexpr std::int32_t kBenchmarkQueues = 1024;
constexpr std::int32_t kScheduleQueues = 18;
constexpr std::int32_t kClusterTopicQueues = 16;

protocol::TopicConfig make_config(std::string name, std::int32_t queue_nums, std::int32_t perm) {
  protocol::TopicConfig config;
  config.topic_name = std::move(name);
  config.read_queue_nums = queue_nums;
  config.write_queue_nums = queue_nums;
  config.perm = perm;
  return config;
}

Status check_numbers(const protocol::TopicConfig& config) {
  for (const auto& [name, value] :
       {std::pair("readQueueNums", config.read_queue_nums), std::pair("writeQueueNums", config.write_queue_nums)}) {
    if (value >= 0 && value <= TopicTable::kMaxQueueNums) continue;
    return fail(Errc::kInvalidArgument, fmt::format("topic {}: {} is {}, allowed are 0 to {}", config.topic_name, name,
                                                    value, TopicTable::kMaxQueueNums));
  }
  if (config.perm >= 0 && config.perm <= (permission::kPriority | permission::kReadWrite | permission::kInherit))
    return {};
  return fail(Errc::kInvalidArgument,
              fmt::format("topic {}: perm is {}, allowed are sums of 4 (read), 2 (write), 1 (inherit)",
                          config.topic_name, config.perm));
}

}  // namespace

TopicTable::TopicTable(TopicTableOptions options, const Clock& clock, StateFile file)
    : options_(std::move(options)), clock_(clock), auto_create_(options_.auto_create_topic), file_(std::move(file)) {
  version_.timestamp = clock_.wall_ms();
  add_builtin_topics();
  file_.set_source([this] { return encode(true); });
}

void TopicTable::add_builtin(std::string name, std::int32_t queue_nums, std::int32_t perm) {
  system_topics_.insert(name);
  // Cluster and broker name are the user's text: what is no topic name does not become a topic.
  if (const auto error = topic_name_error(name)) {
    OGIVE_LOG(error, "broker", "no topic is made for the name '{}' of this broker's configuration: {}", name, *error);
    return;
  }
  topics_[name] = std::make_shared<const protocol::TopicConfig>(make_config(name, queue_nums, perm));
}

void TopicTable::add_builtin_topics() {
  for (const std::string_view topic : builtin_system_topics()) system_topics_.emplace(topic);
  const auto named = [](bool enabled) { return permission::kInherit | (enabled ? permission::kReadWrite : 0); };
  using permission::kReadWrite;
  add_builtin(std::string(system_topic::kSelfTest), 1, kReadWrite);
  if (auto_create_) add_auto_create_topic();
  add_builtin(std::string(system_topic::kBenchmark), kBenchmarkQueues, kReadWrite);
  add_builtin(options_.cluster_name, kClusterTopicQueues, named(options_.cluster_topic));
  add_builtin(options_.broker_name, 1, named(options_.broker_topic));
  add_builtin(std::string(system_topic::kOffsetMoved), 1, kReadWrite);
  add_builtin(std::string(system_topic::kSchedule), kScheduleQueues, kReadWrite);
  if (!options_.trace_topic.empty()) add_builtin(options_.trace_topic, 1, kReadWrite);
  add_builtin(fmt::format("{}_{}", options_.cluster_name, system_topic::kReplyPostfix), 1, kReadWrite);
  add_builtin(fmt::format("{}{}", system_topic::kRevivePrefix, options_.cluster_name), options_.revive_queue_nums,
              kReadWrite);
  add_builtin(fmt::format("{}{}", system_topic::kSyncBrokerMemberPrefix, options_.broker_name), 1,
              permission::kInherit);
  add_builtin(std::string(system_topic::kTransactionHalf), 1, kReadWrite);
  add_builtin(std::string(system_topic::kTransactionOp), 1, kReadWrite);
  if (options_.timer_topic) add_builtin(std::string(system_topic::kTimerWheel), 1, kReadWrite);
}

Status TopicTable::load() {
  const auto loaded = file_.load([this](std::string_view json) { return decode(json); });
  if (!loaded) return fail(loaded.error());
  generation_.fetch_add(1, std::memory_order_acq_rel);
  OGIVE_LOG(info, "broker", "{} topics{}", size(), *loaded ? "" : ", no stored ones");
  return {};
}

TopicPtr TopicTable::find(std::string_view name) const {
  std::shared_lock lock(mutex_);
  const auto found = topics_.find(name);
  return found == topics_.end() ? nullptr : found->second;
}

TopicPtr TopicTable::put(protocol::TopicConfig config) {
  if (topics_.size() >= options_.max_topics && !topics_.contains(config.topic_name)) {
    static RateLimit limit(system_clock());
    if (const auto times = limit.allow(); times > 0) {
      OGIVE_LOG(error, "broker", "topic {} is not created: there are {} topics, the limit ({} refusals)",
                config.topic_name, topics_.size(), times);
    }
    return nullptr;
  }
  auto topic = std::make_shared<const protocol::TopicConfig>(std::move(config));
  topics_[topic->topic_name] = topic;
  return topic;
}

void TopicTable::next_version() {
  version_.timestamp = clock_.wall_ms();
  ++version_.counter;
}

void TopicTable::publish(std::span<const TopicPtr> changed) {
  for (const TopicPtr& topic : changed) unsaved_.add(topic->topic_name);
  generation_.fetch_add(1, std::memory_order_acq_rel);
  save_soon();
  if (on_change_) on_change_(changed);
}

void TopicTable::add_auto_create_topic() {
  add_builtin(std::string(system_topic::kAutoCreate), options_.default_queue_nums,
              permission::kReadWrite | permission::kInherit);
}

void TopicTable::set_auto_create(bool enabled) {
  std::unique_lock lock(mutex_);
  auto_create_ = enabled;
  if (enabled && !topics_.contains(system_topic::kAutoCreate)) add_auto_create_topic();
}

void TopicTable::save_soon() {
  file_.save_soon([this, number = unsaved_.latest()](const Status& saved) { unsaved_.settle(number, saved); });
}

void TopicTable::retry_save() {
  if (unsaved_.none()) {
    file_.retry();
  } else {
    save_soon();
  }
}

void TopicTable::when_saved(std::string_view name, io::Executor& executor, UnsavedTopics::Waiter waiter) {
  if (unsaved_.wait(name, executor, std::move(waiter))) save_soon();
}

TopicPtr TopicTable::create_for_send(const CreateForSend& request) {
  if (topic_name_error(request.topic)) return nullptr;
  TopicPtr made;
  {
    std::unique_lock lock(mutex_);
    if (const auto found = topics_.find(request.topic); found != topics_.end()) return found->second;
    const auto base = topics_.find(request.default_topic);
    const bool switched_off = request.default_topic == system_topic::kAutoCreate && !auto_create_;
    if (base == topics_.end() || switched_off || !permission::inherited(base->second->perm)) {
      lock.unlock();
      static RateLimit limit(system_clock());
      if (const auto times = limit.allow(); times > 0) {
        OGIVE_LOG(warn, "broker",
                  "topic {} is not created for producer {}: default topic {} is missing or has no inherit "
                  "permission ({} times)",
                  request.topic, request.remote, request.default_topic, times);
      }
      return nullptr;
    }
    const protocol::TopicConfig& pattern = *base->second;
    const std::int32_t queue_nums = std::max(0, std::min(request.client_queue_nums, pattern.write_queue_nums));
    auto config = make_config(std::string(request.topic), queue_nums, pattern.perm & ~permission::kInherit);
    config.topic_sys_flag = request.topic_sys_flag;
    config.topic_filter_type = pattern.topic_filter_type;
    made = put(std::move(config));
    if (!made) return nullptr;
    next_version();
  }
  OGIVE_LOG(info, "broker", "topic {} created by default topic {} with {} queues for producer {}", request.topic,
            request.default_topic, made->write_queue_nums, request.remote);
  publish({&made, 1});
  return made;
}

TopicPtr TopicTable::create_for_send_back(std::string_view name, std::int32_t queue_nums, std::int32_t perm, bool order,
                                          std::int32_t topic_sys_flag) {
  if (TopicPtr found = find(name); found && found->order == order) return found;
  if (topic_name_error(name)) return nullptr;
  TopicPtr made;
  {
    std::unique_lock lock(mutex_);
    protocol::TopicConfig config;
    if (const auto found = topics_.find(name); found != topics_.end()) {
      if (found->second->order == order) return found->second;
      config = *found->second;
    } else {
      config = make_config(std::string(name), std::clamp(queue_nums, 0, kMaxQueueNums), perm);
      config.topic_sys_flag = topic_sys_flag;
    }
    config.order = order;
    made = put(std::move(config));
    if (!made) return nullptr;
    next_version();
  }
  OGIVE_LOG(info, "broker", "topic {} created or changed by the broker: {} queues, order {}", name,
            made->write_queue_nums, order);
  publish({&made, 1});
  return made;
}

Result<protocol::TopicConfig> TopicTable::merged(protocol::TopicConfig config) const {
  if (auto error = topic_name_error(config.topic_name)) return fail(Errc::kInvalidArgument, std::move(*error));
  OGIVE_TRY(check_numbers(config));
  const auto found = topics_.find(config.topic_name);
  const bool creating = found == topics_.end();
  auto attributes = apply_attribute_changes(creating, creating ? Attributes() : found->second->attributes,
                                            config.attributes, {true, options_.mixed_message_type});
  if (!attributes) return fail(std::move(attributes).error());
  config.attributes = std::move(*attributes);
  return config;
}

Status TopicTable::create_or_update(protocol::TopicConfig config) {
  std::vector<protocol::TopicConfig> one;
  one.push_back(std::move(config));
  return create_or_update_all(std::move(one));
}

Status TopicTable::create_or_update_all(std::vector<protocol::TopicConfig> configs) {
  std::vector<TopicPtr> changed;
  {
    std::unique_lock lock(mutex_);
    if (topics_.size() + configs.size() > options_.max_topics) {
      std::size_t fresh = 0;
      for (const auto& config : configs) fresh += topics_.contains(config.topic_name) ? 0 : 1;
      if (topics_.size() + fresh > options_.max_topics) {
        return fail(Errc::kLimit,
                    fmt::format("there are {} topics, {} more would pass the limit of {}: delete unused ones",
                                topics_.size(), fresh, options_.max_topics));
      }
    }
    for (protocol::TopicConfig& config : configs) {
      auto final_form = merged(std::move(config));
      if (!final_form) return fail(std::move(final_form).error());
      config = std::move(*final_form);
    }
    for (protocol::TopicConfig& config : configs) {
      const auto found = topics_.find(config.topic_name);
      if (found != topics_.end() && *found->second == config) continue;  // Nothing new: no version, no registration.
      changed.push_back(put(std::move(config)));
    }
    if (changed.empty()) return {};
    next_version();
  }
  for (const TopicPtr& topic : changed) {
    OGIVE_LOG(info, "broker", "topic {} set: read {} write {} perm {} order {}", topic->topic_name,
              topic->read_queue_nums, topic->write_queue_nums, topic->perm, topic->order);
  }
  publish(changed);
  return {};
}

void TopicTable::update_order_topics(const StringSet& order_topics) {
  std::vector<TopicPtr> changed;
  {
    std::unique_lock lock(mutex_);
    for (const std::string& name : order_topics) {
      const auto found = topics_.find(name);
      if (found == topics_.end() || found->second->order) continue;
      protocol::TopicConfig config = *found->second;
      config.order = true;
      changed.push_back(put(std::move(config)));
    }
    if (changed.empty()) return;
    next_version();
  }
  publish(changed);
}

bool TopicTable::remove(std::string_view name) {
  {
    std::unique_lock lock(mutex_);
    const auto found = topics_.find(name);
    if (found == topics_.end()) return false;
    topics_.erase(found);
    next_version();
  }
  OGIVE_LOG(info, "broker", "topic {} deleted", name);
  publish({});
  return true;
}

std::size_t TopicTable::merge(std::vector<protocol::TopicConfig> configs) {
  std::vector<TopicPtr> changed;
  {
    std::unique_lock lock(mutex_);
    for (protocol::TopicConfig& config : configs) {
      if (const auto error = topic_name_error(config.topic_name)) {
        OGIVE_LOG(error, "broker", "a topic of the master is not taken over: {}", *error);
        continue;
      }
      const auto held = topics_.find(config.topic_name);
      if (held != topics_.end() && *held->second == config) continue;
      if (TopicPtr stored = put(std::move(config))) changed.push_back(std::move(stored));
    }
    if (changed.empty()) return 0;
    next_version();
  }
  publish(changed);
  return changed.size();
}

TopicPtr TopicTable::adopt(const store::ConsumeQueue& queue) {
  const std::string& name = queue.topic();
  if (topic_name_error(name) || queue.id().value() < 0 || queue.id().value() >= kMaxQueueNums) return nullptr;
  const std::int32_t needed = queue.id().value() + 1;
  TopicPtr made;
  {
    std::unique_lock lock(mutex_);
    const auto held = topics_.find(name);
    auto config = held == topics_.end() ? make_config(name, needed, permission::kReadWrite) : *held->second;
    config.read_queue_nums = std::max(config.read_queue_nums, needed);
    config.write_queue_nums = std::max(config.write_queue_nums, needed);
    if (queue.kind() == store::QueueKind::kBatch) config.attributes["queue.type"] = "BatchCQ";
    made = put(std::move(config));
    if (!made) return nullptr;
    next_version();
  }
  OGIVE_LOG(info, "broker", "topic {} has {} queues here, because the master's log has messages of it", name,
            made->read_queue_nums);
  publish({&made, 1});
  return made;
}

bool TopicTable::is_order_topic(std::string_view name) const {
  const TopicPtr topic = find(name);
  return topic && topic->order;
}

bool TopicTable::is_system_topic(std::string_view name) const {
  return name.starts_with(kSystemTopicPrefix) || system_topics_.contains(name);
}

std::vector<std::string> TopicTable::system_topics() const {
  return {system_topics_.begin(), system_topics_.end()};
}

std::vector<TopicPtr> TopicTable::snapshot() const {
  std::vector<TopicPtr> topics;
  std::shared_lock lock(mutex_);
  topics.reserve(topics_.size());
  for (const auto& [name, topic] : topics_) topics.push_back(topic);
  return topics;
}

std::size_t TopicTable::size() const {
  std::shared_lock lock(mutex_);
  return topics_.size();
}

protocol::DataVersion TopicTable::data_version() const {
  std::shared_lock lock(mutex_);
  return version_;
}

void TopicTable::touch() {
  {
    std::unique_lock lock(mutex_);
    next_version();
  }
  publish({});
}

}  // namespace ogive::broker
