#include "broker/figures/history.h"

#include <cstddef>

namespace ogive::broker {
namespace {

constexpr std::size_t kMinuteReadings = 7;
constexpr std::size_t kHourReadings = 7;
constexpr std::size_t kDayReadings = 25;
/// Timers are late by a little; a step that is nearly over counts as over.
constexpr std::int64_t kSlackMs = 1'000;

}  // namespace

void History::keep(std::vector<Reading>& readings, const Reading& reading, std::int64_t step_ms, std::size_t most) {
  if (readings.empty()) readings.push_back({reading.time_ms - kSecondsMs, 0, 0, 0});
  if (reading.time_ms - readings.back().time_ms < step_ms - kSlackMs) return;
  readings.push_back(reading);
  if (readings.size() > most) readings.erase(readings.begin());
}

void History::take(const Reading& reading) {
  keep(hour_, reading, kMinutesMs, kHourReadings);
  keep(day_, reading, kHourMs, kDayReadings);
  keep(minute_, reading, kSecondsMs, kMinuteReadings);
}

Period History::period(const std::vector<Reading>& readings, Measure measure) const {
  Period period;
  if (readings.empty()) return period;
  const Reading& first = readings.front();
  const Reading& last = minute_.back();
  const auto value = [measure](const Reading& reading) {
    return measure == Measure::kMessages ? reading.messages : reading.bytes;
  };
  period.sum = static_cast<std::int64_t>(value(last) - value(first));
  if (last.time_ms > first.time_ms) {
    period.tps = static_cast<double>(period.sum) * 1'000.0 / static_cast<double>(last.time_ms - first.time_ms);
  }
  if (last.times > first.times) {
    period.average = static_cast<double>(period.sum) / static_cast<double>(last.times - first.times);
  }
  return period;
}

}  // namespace ogive::broker
