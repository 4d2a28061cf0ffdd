#include "bench/progress.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace ogive::bench {
namespace {

constexpr double kNearlyASecond = 0.95;  ///< Timers are some milliseconds late or early.

}  // namespace

std::optional<std::string> Progress::take(const LoadSlice& slice) {
  messages_ += slice.messages;
  p99_ns_ = std::max(p99_ns_, slice.p99_ns);
  const double passed = slice.until_s - since_s_;
  if (passed < kNearlyASecond) return std::nullopt;
  since_s_ = slice.until_s;
  return fmt::format("{:.0f} of {} s: {:.0f} messages/s, p99 up to {:.1f} us", slice.until_s, whole_s_,
                     static_cast<double>(std::exchange(messages_, 0)) / passed,
                     static_cast<double>(std::exchange(p99_ns_, 0)) / 1e3);
}

}  // namespace ogive::bench
