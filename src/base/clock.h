#pragma once
// Time and chance enter by constructor: production passes the system's, tests the simulated world's.

#include <chrono>
#include <cstdint>

namespace ogive {

using Milliseconds = std::chrono::milliseconds;
using Microseconds = std::chrono::microseconds;

/// Where the present comes from. All functions are callable from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Wall clock, milliseconds since 1970 UTC. May jump; only for what people and peers read.
  virtual std::int64_t wall_ms() const = 0;
  /// Monotonic, nanoseconds from an arbitrary origin. For durations and deadlines.
  virtual std::int64_t monotonic_ns() const = 0;
  std::int64_t monotonic_ms() const { return monotonic_ns() / 1'000'000; }
};

/// The operating system's clocks. Stateless; lives for the whole process.
Clock& system_clock();

/// Source of chance (queue choice, timer jitter). Not for secrets. One instance per thread.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  /// Uniform over all 64-bit values (splitmix64).
  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  /// Uniform in [0, bound); bound must be positive.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  /// True with probability `percent`/100.
  bool chance(unsigned percent) { return below(100) < percent; }

 private:
  std::uint64_t state_;
};

}  // namespace ogive
