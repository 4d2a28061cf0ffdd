#pragma once
// One thread's share of the statistics by topic and group.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>

#include "base/string_map.h"
#include "broker/figures/counter.h"

namespace ogive::broker {

enum class TrafficKind : std::uint8_t {
  kTopicPut,    ///< Stored, by topic.
  kGroupGet,    ///< Given to consumers, by "topic@group".
  kSendBack,    ///< Given back by consumers, by "topic@group".
  kDeadLetter,  ///< Given back for the last time, by "topic@group".
};
inline constexpr std::size_t kTrafficKinds = 4;

/// The counters belong to the shard's thread, which keeps the references it looked up; they live as long as the shard.
/// Looking up and visiting take a lock and may be done by any thread.
class TrafficShard {
 public:
  static constexpr std::size_t kMaxKeys = 100'000;  ///< By kind; what comes later is counted together under "".

  TrafficCounters& counters(TrafficKind kind, std::string_view key);
  /// Under the lock: be short.
  void visit(TrafficKind kind,
             const std::function<void(std::string_view key, const TrafficCounters& counters)>& visit) const;

 private:
  mutable std::mutex mutex_;
  std::array<StableStringMap<TrafficCounters>, kTrafficKinds> counters_;
};

/// "topic@group", as the statistics are keyed.
inline std::string traffic_key(std::string_view topic, std::string_view group) {
  std::string key(topic);
  key += '@';
  key += group;
  return key;
}

}  // namespace ogive::broker
