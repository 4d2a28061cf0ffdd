#pragma once
// What a process has used so far, from Linux's /proc.

#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace ogive::bench {

struct ProcessUsage {
  std::uint64_t cpu_ns = 0;   ///< All threads that live now, user and system.
  std::uint64_t wait_ns = 0;  ///< Of them: ready to run while something else had the core.
  std::uint64_t voluntary_switches = 0;
  std::uint64_t involuntary_switches = 0;
  std::uint64_t resident_bytes = 0;
};

/// `pid` 0 is this process. kNotFound when there is no such process.
Result<ProcessUsage> process_usage(int pid);

/// The number behind `name:` in the text of a /proc status file; 0 when it is not there.
std::uint64_t status_number(std::string_view status, std::string_view name);

}  // namespace ogive::bench
