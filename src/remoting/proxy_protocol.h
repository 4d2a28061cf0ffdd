#pragma once
// PROXY protocol v1 (text) and v2 (binary): how a TCP load balancer says whom it forwards for. docs/protocol/frame.md.

#include <cstddef>
#include <optional>

#include "base/bytes.h"
#include "base/error.h"
#include "io/network.h"

namespace ogive::remoting {

struct ProxyHeader {
  bool incomplete = false;  ///< The bytes may become a header; wait for more.
  std::size_t bytes = 0;    ///< Length of the header; 0 when the stream does not begin with one.
  std::optional<io::Endpoint> source = std::nullopt;  ///< Absent for LOCAL, UNKNOWN and families other than IP.
};

/// Looks at the first bytes of a connection. kCorrupt for what begins like a header and is none. Pure.
Result<ProxyHeader> parse_proxy_header(ByteView data);

}  // namespace ogive::remoting
