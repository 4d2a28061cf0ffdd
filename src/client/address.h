#pragma once
// Addresses as people write them: host names with ports, and lists of them.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace ogive::client {

/// A host name or IP address with a port, not looked up yet.
struct HostPort {
  std::string host;
  std::uint16_t port = 0;
  /// "host:port"; IPv6 addresses in brackets.
  std::string text() const;
  bool operator==(const HostPort&) const = default;
};

/// "host:port", "[v6]:port", "v6:port". kInvalidArgument names the text and the defect.
Result<HostPort> parse_host_port(std::string_view text);

/// "a:9876;b:9876" (a comma separates as well); blanks and empty pieces are skipped, repeated ones kept once.
/// kInvalidArgument for a bad piece and for an empty list.
Result<std::vector<HostPort>> parse_address_list(std::string_view text);

}  // namespace ogive::client
