#pragma once
// How long appends take, from the turn that staged them to the answer, in the buckets that tools print.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "broker/figures/counter.h"

namespace ogive::broker {

/// add() on one thread only.
class AppendLatency {
 public:
  /// Upper bounds in ms: 1 to 20 by 1, to 50 by 2, to 100 by 5, to 200 by 10, to 500 by 50, to 1,000 by 100, to 10,000
  /// by 1,000, and one bucket for what takes longer.
  static constexpr std::size_t kBuckets = 77;
  using Counts = std::array<std::uint64_t, kBuckets>;

  /// `messages` of them took `ms`.
  void add(std::int64_t ms, std::uint64_t messages) {
    buckets_[bucket_of(ms)].add(messages);
    if (ms > 0) max_ms_.raise(static_cast<std::uint64_t>(ms));
  }
  Counts counts() const;
  std::uint64_t max_ms() const { return max_ms_.get(); }

  static std::size_t bucket_of(std::int64_t ms);
  /// The largest ms that falls into `bucket`.
  static std::int64_t bound_of(std::size_t bucket);

 private:
  std::array<Counter, kBuckets> buckets_;
  Counter max_ms_;
};

/// Below which ms the share `part` (0 to 1) of `counts` lies, interpolated within a bucket; 0 for no counts.
double latency_percentile(const AppendLatency::Counts& counts, double part);
/// "[<=0ms]:6 [0~10ms]:5 … [10s~]:0 ", as tools print it.
std::string latency_distribution(const AppendLatency::Counts& counts);

}  // namespace ogive::broker
