#pragma once
// "Logged once a minute per cause": lets one event through per interval and counts the rest.

#include <atomic>
#include <cstdint>

#include "base/clock.h"

namespace ogive {

/// Thread-safe. `allow` answers how many events this one stands for: 0 = stay silent, n = log it and say "n times".
class RateLimit {
 public:
  explicit RateLimit(const Clock& clock, std::int64_t interval_ms = 60'000)
      : clock_(clock), interval_ms_(interval_ms) {}

  std::uint64_t allow() {
    const std::uint64_t pending = pending_.fetch_add(1, std::memory_order_relaxed) + 1;
    const std::int64_t now = clock_.monotonic_ms();
    std::int64_t next = next_ms_.load(std::memory_order_relaxed);
    if (now < next || !next_ms_.compare_exchange_strong(next, now + interval_ms_)) return 0;
    pending_.fetch_sub(pending, std::memory_order_relaxed);
    return pending;
  }

 private:
  const Clock& clock_;
  std::int64_t interval_ms_;
  std::atomic<std::int64_t> next_ms_{INT64_MIN};
  std::atomic<std::uint64_t> pending_{0};
};

}  // namespace ogive
