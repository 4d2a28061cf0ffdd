#pragma once
// The last minute, hour and day of one counter.

#include <cstdint>
#include <vector>

namespace ogive::broker {

/// What a counter had reached at a time.
struct Reading {
  std::int64_t time_ms = 0;  ///< Wall clock.
  std::uint64_t times = 0;
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
};

/// What happened between two readings; tps is per second.
struct Period {
  std::int64_t sum = 0;
  double tps = 0;
  double average = 0;  ///< By request.
};

enum class Measure : std::uint8_t { kMessages, kBytes };

/// Readings every ten seconds, ten minutes and hour. Not thread-safe.
class History {
 public:
  static constexpr std::int64_t kSecondsMs = 10'000;
  static constexpr std::int64_t kMinutesMs = 600'000;
  static constexpr std::int64_t kHourMs = 3'600'000;

  /// Called every ten seconds; the longer periods take what they need. The first call also notes a zero ten seconds
  /// before, when the counter did not exist.
  void take(const Reading& reading);

  Period minute(Measure measure) const { return period(minute_, measure); }
  Period hour(Measure measure) const { return period(hour_, measure); }
  Period day(Measure measure) const { return period(day_, measure); }

 private:
  static void keep(std::vector<Reading>& readings, const Reading& reading, std::int64_t step_ms, std::size_t most);
  Period period(const std::vector<Reading>& readings, Measure measure) const;

  std::vector<Reading> minute_;
  std::vector<Reading> hour_;
  std::vector<Reading> day_;
};

}  // namespace ogive::broker
