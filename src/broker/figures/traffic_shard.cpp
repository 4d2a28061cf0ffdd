#include "broker/figures/traffic_shard.h"

namespace ogive::broker {

TrafficCounters& TrafficShard::counters(TrafficKind kind, std::string_view key) {
  const std::lock_guard lock(mutex_);
  auto& counters = counters_[static_cast<std::size_t>(kind)];
  if (const auto found = counters.find(key); found != counters.end()) return found->second;
  return counters[counters.size() < kMaxKeys ? std::string(key) : std::string()];
}

void TrafficShard::visit(
    TrafficKind kind, const std::function<void(std::string_view key, const TrafficCounters& counters)>& visit) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [key, counters] : counters_[static_cast<std::size_t>(kind)]) visit(key, counters);
}

}  // namespace ogive::broker
