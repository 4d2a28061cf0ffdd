#pragma once
// Where another layer enters a connection, between the socket and the protocol: the place of TLS.

#include <cstdint>
#include <memory>

#include "io/executor.h"
#include "io/network.h"

namespace ogive::io {

/// Which end of the connection we are; a handshake differs by it.
enum class StreamSide : std::uint8_t { kAccepted, kOpened };

/// Wraps connections. Thread-safe: called on the executor of each connection.
class StreamUpgrade {
 public:
  virtual ~StreamUpgrade() = default;
  /// Takes `stream`, not started yet, and returns what the protocol is to see instead; it lives on `executor` as well.
  /// A layer that has to talk first does so after start() and holds back what write() gets meanwhile; a handshake that
  /// fails ends in on_closed. One that finds the peer does not speak it may pass bytes through (permissive mode).
  virtual std::unique_ptr<Stream> upgrade(Executor& executor, std::unique_ptr<Stream> stream, StreamSide side) = 0;
};

}  // namespace ogive::io
