#pragma once
// What this machine can do at most: the floor under every figure of a server. Reference: docs/guide/bench.md.

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/histogram.h"
#include "io/file.h"

namespace ogive::bench {

struct LimitsPlan {
  std::string directory;                    ///< On the device to measure; made if missing. Files in it are removed.
  Milliseconds each{2'000};                 ///< Time of one figure at most.
  std::uint64_t read_bytes = 1ull << 30;    ///< Size of the file that is read cold.
  std::uint64_t written_bytes = 64u << 20;  ///< Size of the file that is written before syncs of it are measured.
};

/// Rates are bytes a second, durations nanoseconds.
struct Limits {
  double memcpy_rate = 0;  ///< Far beyond the caches.
  double crc32_rate = 0;   ///< The record checksum over 1 KB bodies.
  double pwrite_rate = 0;  ///< 128 KiB pieces into the page cache.
  /// Of 4 KiB within a file that was written before, and behind the end of one that grows.
  Histogram sync_written_ns;
  Histogram sync_growing_ns;
  double cold_read_rate = 0;  ///< 1 MiB pieces after the page cache has forgotten the file.
  double warm_read_rate = 0;
};

/// Blocking, for about seven times plan.each. Errors name the file.
Result<Limits> measure_limits(io::FileSystem& files, const LimitsPlan& plan);

std::string limits_text(const Limits& limits, const std::string& directory);
/// One line of JSON: MB a second and microseconds.
std::string limits_json(const Limits& limits);

}  // namespace ogive::bench
