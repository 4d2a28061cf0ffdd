#pragma once
// Endpoint to and from the kernel's sockaddr, and the options every socket of ours has.

#include <sys/socket.h>

#include "base/error.h"
#include "io/network.h"
#include "io/unique_fd.h"

namespace ogive::io {

/// Fills `out` and returns the length to pass with it.
socklen_t to_socket_address(const Endpoint& endpoint, sockaddr_storage& out);
/// IPv4-mapped IPv6 addresses come back as IPv4; other families as 0.0.0.0:0.
Endpoint from_socket_address(const sockaddr_storage& address);
/// The local side of a socket; 0.0.0.0:0 when it has none.
Endpoint local_endpoint(int fd);
/// TCP_NODELAY and SO_KEEPALIVE: replies leave at once, vanished peers are noticed.
void set_stream_options(int fd);
/// A non-blocking close-on-exec TCP socket.
Result<UniqueFd> make_socket(bool v6);

}  // namespace ogive::io
