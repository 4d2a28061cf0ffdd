#include "broker/consume/consumer_cache.h"

namespace ogive::broker {

CachedConsumer& ConsumerCache::find(std::string_view group, std::string_view topic) {
  const auto group_generation = groups_.generation();
  const auto consumer_generation = consumers_.generation();
  if (group_generation != group_generation_ || consumer_generation != consumer_generation_ ||
      entries_.size() > kMaxEntries) {
    entries_.clear();
    group_generation_ = group_generation;
    consumer_generation_ = consumer_generation;
  }
  key_.assign(group);
  key_ += '\n';  // In no valid name.
  key_ += topic;
  const auto found = entries_.find(key_);
  if (found != entries_.end() && found->second.offsets->attached()) return found->second;

  scratch_ = CachedConsumer();
  scratch_.group = groups_.find_or_create(group);
  if (!scratch_.group) return scratch_;
  scratch_.online = consumers_.find(group);
  if (scratch_.online) scratch_.subscription = scratch_.online->find(topic);
  scratch_.read_forbidden = groups_.read_forbidden(group, topic);
  scratch_.offsets = offsets_.entry(group, topic);
  if (!scratch_.offsets) return scratch_;  // The offset table is full: served, not cached.
  scratch_.gets = &traffic_.counters(TrafficKind::kGroupGet, traffic_key(topic, group));
  return entries_[key_] = scratch_;
}

}  // namespace ogive::broker
