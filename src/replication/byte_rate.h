#pragma once
// At most so many bytes a second, in small portions.

#include <algorithm>
#include <cstdint>

#include "base/clock.h"

namespace ogive::replication {

/// One thread only. Refills continuously and saves up to a tenth of a second.
class ByteRate {
 public:
  explicit ByteRate(const Clock& clock) : clock_(clock), filled_ms_(clock.monotonic_ms()) {}

  /// 0 = no limit.
  void set_limit(std::int64_t bytes_per_second) { limit_ = bytes_per_second; }
  /// How many bytes may go now.
  std::int64_t allowance() {
    if (limit_ <= 0) return INT64_MAX;
    const std::int64_t now_ms = clock_.monotonic_ms();
    const std::int64_t most = std::max<std::int64_t>(1, limit_ / 10);
    left_ = std::min(most, left_ + limit_ * std::min<std::int64_t>(now_ms - filled_ms_, 1'000) / 1'000);
    filled_ms_ = now_ms;
    return left_;
  }
  void take(std::int64_t bytes) {
    if (limit_ > 0) left_ -= bytes;
  }

 private:
  const Clock& clock_;
  std::int64_t limit_ = 0;
  std::int64_t left_ = 0;
  std::int64_t filled_ms_;
};

}  // namespace ogive::replication
