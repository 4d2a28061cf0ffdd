#pragma once
// Unique keys for messages whose producer gave none, in the clients' own form.

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "io/network.h"

namespace ogive::broker {

/// One per thread. A key is the hex of: address, 2 bytes process id, 4 bytes instance number, 4 bytes milliseconds of
/// this month, 2 bytes counter (32 digits for IPv4, 56 for IPv6).
class UniqueKeyGenerator {
 public:
  UniqueKeyGenerator(const io::Endpoint& host, std::uint32_t instance, const Clock& clock);
  std::string next();

 private:
  const io::Endpoint host_;
  const std::uint32_t instance_;
  const Clock& clock_;
  std::uint16_t counter_ = 0;
};

}  // namespace ogive::broker
