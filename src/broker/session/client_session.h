#pragma once
// A client as its heartbeat describes it.

#include <cstdint>
#include <string>

#include "io/network.h"
#include "remoting/channel.h"

namespace ogive::broker {

/// One client on one connection.
struct ClientSession {
  remoting::ChannelId channel;
  std::string client_id;
  std::int32_t language = 0;
  std::int32_t version = 0;
  io::Endpoint remote;
  // Set by the registries at each heartbeat:
  std::int64_t last_update_ms = 0;  ///< Wall clock, for people.
  std::int64_t heard_ms = 0;        ///< Monotonic, for expiry: a clock that jumps must not end anybody's session.
};

/// A client that has sent no heartbeat for this long is forgotten.
inline constexpr std::int64_t kSessionExpiryMs = 120'000;

}  // namespace ogive::broker
