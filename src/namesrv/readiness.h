#pragma once
// Start-up protection: no routes until brokers have had time to register.

#include <atomic>
#include <cstdint>

#include "base/clock.h"

namespace ogive::namesrv {

/// Thread-safe. A new instance is ready.
class Readiness {
 public:
  explicit Readiness(const Clock& clock) : clock_(clock), started_ms_(clock.monotonic_ms()) {}

  /// Wait for `seconds` after the construction of this object; 0 = do not wait.
  void wait_for(std::int64_t seconds) {
    ready_at_ms_.store(seconds <= 0 ? kAlways : started_ms_ + seconds * 1000, std::memory_order_relaxed);
  }
  bool ready() const {
    const std::int64_t at = ready_at_ms_.load(std::memory_order_relaxed);
    return at == kAlways || clock_.monotonic_ms() >= at;
  }

 private:
  static constexpr std::int64_t kAlways = INT64_MIN;
  const Clock& clock_;
  const std::int64_t started_ms_;
  std::atomic<std::int64_t> ready_at_ms_{kAlways};
};

}  // namespace ogive::namesrv
