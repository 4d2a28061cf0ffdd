#pragma once
// The broker's statistics: what reactors counted, summed up every second and every ten seconds.

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/string_map.h"
#include "broker/figures/append_latency.h"
#include "broker/figures/history.h"
#include "broker/figures/traffic_shard.h"
#include "io/executor.h"

namespace ogive::broker {

/// What the broker has done since it started.
struct TrafficTotals {
  std::uint64_t puts = 0;       ///< Messages stored.
  std::uint64_t put_bytes = 0;  ///< Their size in the log.
  std::uint64_t put_failures = 0;
  std::uint64_t put_max_ms = 0;
  std::uint64_t found = 0;        ///< Pulls that were given messages.
  std::uint64_t missed = 0;       ///< Pulls that were not.
  std::uint64_t transferred = 0;  ///< Messages given.
  std::uint64_t get_max_ms = 0;   ///< Of reads that went to the disk.
  AppendLatency::Counts latency{};
};

/// Two counts as operators compare them from day to day.
struct DayCounts {
  std::uint64_t puts = 0;
  std::uint64_t gets = 0;
};

/// Samples on one executor; questions from any thread. Destroy it after the executor has stopped.
class Traffic {
 public:
  struct Ports {
    io::Executor& executor;
    std::vector<const TrafficShard*> shards;
    std::function<TrafficTotals()> totals;  ///< Any thread.
    std::function<bool(std::string_view)> is_system_topic;
    std::string cluster_name;  ///< Key of the figures of the whole broker.
  };
  explicit Traffic(Ports ports);

  /// On the executor.
  void start();

  struct Figures {
    Period minute;
    Period hour;
    Period day;
  };
  /// By the names and keys of VIEW_BROKER_STATS_DATA; nothing for what was never counted.
  std::optional<Figures> find(std::string_view name, std::string_view key) const;
  /// Messages a second in the last minute; 0 for unknown keys.
  double tps(TrafficKind kind, std::string_view key) const;

  TrafficTotals totals() const { return ports_.totals(); }
  /// Per second over the last `seconds`, or over what there is: put, found, missed, transferred.
  struct Rates {
    double put = 0;
    double found = 0;
    double missed = 0;
    double transferred = 0;
  };
  Rates rates(std::int64_t seconds) const;
  /// Latencies of the last whole minute.
  AppendLatency::Counts recent_latency() const;

  /// Without system topics: now, at the last midnight (local time), and at the one before.
  DayCounts now() const;
  DayCounts this_morning() const;
  DayCounts yesterday_morning() const;

 private:
  static constexpr std::int64_t kSampleMs = 1'000;
  static constexpr std::size_t kSamples = 601;
  struct Sample {
    std::int64_t time_ms = 0;
    TrafficTotals totals;
  };

  void tick();
  void take_readings(std::int64_t now_ms);
  DayCounts count_days() const;

  const Ports ports_;
  io::TimerId timer_;
  mutable std::mutex mutex_;  ///< Guards what follows.
  std::deque<Sample> samples_;
  std::array<StableStringMap<History>, kTrafficKinds> histories_;
  std::array<History, 4> whole_;  ///< Puts and gets, each with and without system topics.
  std::int64_t readings_ms_ = 0;
  std::int64_t latency_ms_ = 0;
  AppendLatency::Counts latency_before_{};
  AppendLatency::Counts latency_{};
  std::int64_t day_ = -1;  ///< Written on the executor only.
  DayCounts morning_;
  DayCounts yesterday_;
};

}  // namespace ogive::broker
