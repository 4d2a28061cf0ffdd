#pragma once
// A run's figures, for people and for scripts.

#include <optional>
#include <string>

#include "bench/bench_options.h"
#include "bench/deliveries.h"
#include "bench/generator.h"
#include "bench/process_usage.h"

namespace ogive::bench {

/// A process before and after the measured time.
struct UsagePair {
  ProcessUsage before;
  ProcessUsage after;
};

struct BenchReport {
  BenchOptions options;
  LoadResult load;
  unsigned messages_per_request = 1;
  std::optional<DeliveryResult> deliveries;
  std::optional<LoadResult> reads;  ///< Mixed: what those who pull have got.
  UsagePair generator;
  std::optional<UsagePair> server;
  std::int64_t ended_wall_ms = 0;
};

/// Several lines, each ended. Units: docs/guide/bench.md.
std::string report_text(const BenchReport& report);
/// One line of JSON.
std::string report_json(const BenchReport& report);

}  // namespace ogive::bench
