#include "broker/figures/traffic.h"

#include <ctime>

#include "base/clock.h"

namespace ogive::broker {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;

struct NamedFigure {
  std::string_view name;
  TrafficKind kind;
  Measure measure;
};
constexpr NamedFigure kByKey[] = {
    {"TOPIC_PUT_NUMS", TrafficKind::kTopicPut, Measure::kMessages},
    {"TOPIC_PUT_SIZE", TrafficKind::kTopicPut, Measure::kBytes},
    {"GROUP_GET_NUMS", TrafficKind::kGroupGet, Measure::kMessages},
    {"GROUP_GET_SIZE", TrafficKind::kGroupGet, Measure::kBytes},
    {"SNDBCK_PUT_NUMS", TrafficKind::kSendBack, Measure::kMessages},
    {"DLQ_PUT_NUMS", TrafficKind::kDeadLetter, Measure::kMessages},
};
/// Of the whole broker, in the order of Traffic::whole_.
constexpr std::string_view kWhole[] = {"BROKER_PUT_NUMS", "BROKER_PUT_NUMS_WITHOUT_SYSTEM_TOPIC", "BROKER_GET_NUMS",
                                       "BROKER_GET_NUMS_WITHOUT_SYSTEM_TOPIC"};

/// Days since some day, by the machine's own calendar.
std::int64_t local_day(std::int64_t wall_ms) {
  const auto seconds = static_cast<std::time_t>(wall_ms / 1'000);
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  return std::int64_t{parts.tm_year} * 366 + parts.tm_yday;
}

Traffic::Figures figures_of(const History& history, Measure measure) {
  return {history.minute(measure), history.hour(measure), history.day(measure)};
}

void add(Reading& sum, const TrafficCounters& counters) {
  sum.times += counters.times.get();
  sum.messages += counters.messages.get();
  sum.bytes += counters.bytes.get();
}

/// The topic of "topic@group" or of a plain topic.
std::string_view topic_of(std::string_view key) {
  return key.substr(0, std::min(key.find('@'), key.size()));
}

}  // namespace

Traffic::Traffic(Ports ports) : ports_(std::move(ports)) {}

void Traffic::start() {
  tick();
}

void Traffic::tick() {
  const std::int64_t now_ms = ports_.executor.clock().wall_ms();
  const TrafficTotals totals = ports_.totals();
  const std::int64_t day = local_day(now_ms);
  const DayCounts counts = day_ != day ? count_days() : DayCounts();
  {
    const std::lock_guard lock(mutex_);
    samples_.push_back({now_ms, totals});
    if (samples_.size() > kSamples) samples_.pop_front();
    if (now_ms - latency_ms_ >= kMinuteMs) {
      for (std::size_t i = 0; i < latency_.size(); ++i) latency_[i] = totals.latency[i] - latency_before_[i];
      latency_before_ = totals.latency;
      latency_ms_ = now_ms;
    }
    if (day_ != -1 && day != day_) {
      yesterday_ = morning_;
      morning_ = counts;
    }
    day_ = day;
  }
  // A stepped clock must not stop the readings for as long as it was stepped.
  if (now_ms - readings_ms_ >= History::kSecondsMs || now_ms < readings_ms_) take_readings(now_ms);
  timer_ = ports_.executor.run_after(Milliseconds(kSampleMs), [this] { tick(); });
}

void Traffic::take_readings(std::int64_t now_ms) {
  readings_ms_ = now_ms;
  std::array<Reading, 4> whole{};
  for (Reading& reading : whole) reading.time_ms = now_ms;
  for (std::size_t kind = 0; kind < kTrafficKinds; ++kind) {
    StringMap<Reading> sums;
    for (const TrafficShard* shard : ports_.shards) {
      shard->visit(static_cast<TrafficKind>(kind),
                   [&](std::string_view key, const TrafficCounters& counters) { add(sums[key], counters); });
    }
    const bool put = kind == static_cast<std::size_t>(TrafficKind::kTopicPut);
    const bool get = kind == static_cast<std::size_t>(TrafficKind::kGroupGet);
    const std::lock_guard lock(mutex_);
    for (auto& [key, reading] : sums) {
      reading.time_ms = now_ms;
      histories_[kind][key].take(reading);
      if (!put && !get) continue;
      const std::size_t first = put ? 0 : 2;
      for (std::size_t i = first; i < first + 2; ++i) {
        if (i % 2 == 1 && ports_.is_system_topic(topic_of(key))) continue;
        whole[i].times += reading.times;
        whole[i].messages += reading.messages;
        whole[i].bytes += reading.bytes;
      }
    }
  }
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < whole.size(); ++i) whole_[i].take(whole[i]);
}

std::optional<Traffic::Figures> Traffic::find(std::string_view name, std::string_view key) const {
  const std::lock_guard lock(mutex_);
  for (const NamedFigure& figure : kByKey) {
    if (figure.name != name) continue;
    const auto& histories = histories_[static_cast<std::size_t>(figure.kind)];
    const auto found = histories.find(key);
    if (found == histories.end()) return std::nullopt;
    return figures_of(found->second, figure.measure);
  }
  for (std::size_t i = 0; i < std::size(kWhole); ++i) {
    if (kWhole[i] == name && key == ports_.cluster_name) return figures_of(whole_[i], Measure::kMessages);
  }
  return std::nullopt;
}

double Traffic::tps(TrafficKind kind, std::string_view key) const {
  const std::lock_guard lock(mutex_);
  const auto& histories = histories_[static_cast<std::size_t>(kind)];
  const auto found = histories.find(key);
  return found == histories.end() ? 0 : found->second.minute(Measure::kMessages).tps;
}

Traffic::Rates Traffic::rates(std::int64_t seconds) const {
  const std::lock_guard lock(mutex_);
  if (samples_.size() < 2) return {};
  const auto back = std::min(samples_.size(), static_cast<std::size_t>(seconds) + 1);
  const Sample& first = samples_[samples_.size() - back];
  const Sample& last = samples_.back();
  const auto span_ms = static_cast<double>(last.time_ms - first.time_ms);
  if (span_ms <= 0) return {};
  const auto rate = [&](std::uint64_t TrafficTotals::* count) {
    return static_cast<double>(last.totals.*count - first.totals.*count) / span_ms * 1'000.0;
  };
  return {rate(&TrafficTotals::puts), rate(&TrafficTotals::found), rate(&TrafficTotals::missed),
          rate(&TrafficTotals::transferred)};
}

AppendLatency::Counts Traffic::recent_latency() const {
  const std::lock_guard lock(mutex_);
  return latency_;
}

DayCounts Traffic::count_days() const {
  DayCounts counts;
  for (const TrafficShard* shard : ports_.shards) {
    const auto count = [&](TrafficKind kind, std::uint64_t& sum) {
      shard->visit(kind, [&](std::string_view key, const TrafficCounters& counters) {
        if (!ports_.is_system_topic(topic_of(key))) sum += counters.messages.get();
      });
    };
    count(TrafficKind::kTopicPut, counts.puts);
    count(TrafficKind::kGroupGet, counts.gets);
  }
  return counts;
}

DayCounts Traffic::now() const {
  return count_days();
}

DayCounts Traffic::this_morning() const {
  const std::lock_guard lock(mutex_);
  return morning_;
}

DayCounts Traffic::yesterday_morning() const {
  const std::lock_guard lock(mutex_);
  return yesterday_;
}

}  // namespace ogive::broker
