#pragma once
// How a run goes, once a second.

#include <cstdint>
#include <optional>
#include <string>

#include "bench/generator.h"

namespace ogive::bench {

/// Turns slices into lines for people. One thread.
class Progress {
 public:
  explicit Progress(unsigned seconds) : whole_s_(seconds) {}
  /// A line without its end, when a second or more has passed since the last one.
  std::optional<std::string> take(const LoadSlice& slice);

 private:
  const unsigned whole_s_;
  double since_s_ = 0;
  std::uint64_t messages_ = 0;
  std::uint64_t p99_ns_ = 0;
};

}  // namespace ogive::bench
