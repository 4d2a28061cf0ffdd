#pragma once
// Ids that producers give their messages (property UNIQ_KEY): host address, process, instance, time in the month,
// counter, as upper-case hex.

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "io/network.h"

namespace ogive::client {

/// Not thread-safe.
class UniqueIds {
 public:
  /// `addresses` are the machine's, the best first (127.0.0.1 when empty); `instance` tells several of one process
  /// apart.
  UniqueIds(const std::vector<io::Endpoint>& addresses, std::uint64_t instance, const Clock& clock);
  /// 32 digits on an IPv4 machine, 56 on an IPv6 one.
  std::string next();

 private:
  io::Endpoint host_;
  std::uint32_t instance_;
  std::uint16_t counter_ = 0;
  const Clock& clock_;
};

}  // namespace ogive::client
