#pragma once
// Sockets behind one interface: production uses epoll, tests a simulated network with delay, loss and partition.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "io/executor.h"
#include "io/file.h"
#include "io/out_buffer.h"

namespace ogive::io {

/// An IP address and port. `address` holds 4 or 16 bytes in network order.
struct Endpoint {
  std::array<std::uint8_t, 16> address{};
  std::uint8_t address_size = 4;
  std::uint16_t port = 0;

  bool is_v6() const { return address_size == 16; }
  bool operator==(const Endpoint&) const = default;
  /// "10.0.0.1:9876" or "[fd00::1]:9876".
  std::string to_string() const;
  /// The address without the port.
  std::string host() const;
  /// Accepts "ip:port", "[v6]:port" and bare "v6:port" as the original prints it; no names (see Network::resolve).
  static Result<Endpoint> parse(std::string_view text);
};

/// What a stream tells its owner. All calls come on the stream's executor.
class StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  struct Consumed {
    std::size_t bytes = 0;   ///< Fully handled; the rest is kept and given again with what follows.
    std::size_t wanted = 0;  ///< Size the kept data must reach before a next call makes sense; 0 = any.
  };
  /// Everything received and not consumed so far; the view ends with the call.
  virtual Consumed on_data(ByteView data) = 0;
  /// All output that had to wait for the socket has been taken by it: pending_bytes() is 0 again.
  virtual void on_drained() = 0;
  /// Once, when the peer closed, an error occurred or close() was called with notice; nothing follows.
  virtual void on_closed(const Error& reason) = 0;
};

/// A connected byte stream living on one executor; all calls on that executor. Destroying it closes the socket at once,
/// silently; it may be destroyed inside any of its callbacks.
class Stream {
 public:
  virtual ~Stream() = default;
  /// Begins delivery to `handler`, which must outlive the stream or its on_closed.
  virtual void start(StreamHandler& handler) = 0;
  /// Takes everything out of `data` (leaving it empty) and sends it in order, gathered; what the socket does not take
  /// at once waits inside. A failed write is reported by on_closed, never from inside this call.
  virtual void write(OutBuffer& data) = 0;
  /// Sends `head` as write() does and then a part of a file, whose bytes must not change any more: without a copy where
  /// the system can. What the system does not have in memory (File::prefetch) is waited for here. What cannot be read
  /// ends the connection, with nothing sent in its place: an error is returned, the head being lost and the stream to
  /// be closed, or on_closed reports it.
  virtual Status write_file(OutBuffer& head, FileRange range);
  /// Bytes accepted by write() and write_file() and not yet taken by the socket.
  virtual std::size_t pending_bytes() const = 0;
  /// Stops or resumes reading: back-pressure on the peer.
  virtual void pause_reading(bool paused) = 0;
  /// Sends what is pending for at most `linger`, then closes and reports on_closed.
  virtual void close_after_flush(Milliseconds linger) = 0;
  virtual const Endpoint& local() const = 0;
  virtual const Endpoint& remote() const = 0;
};

/// A listening socket; destroying it stops accepting.
class Listener {
 public:
  virtual ~Listener() = default;
  /// The bound endpoint (with the real port when 0 was asked).
  virtual const Endpoint& local() const = 0;
};

struct ListenOptions {
  int backlog = 1024;            ///< Connections not yet accepted.
  int send_buffer_bytes = 0;     ///< Of each accepted connection; 0 leaves it to the system.
  int receive_buffer_bytes = 0;  ///< Likewise.
  bool v6_dual = true;           ///< An all-zero IPv4 address also accepts IPv6.
};

/// Opens sockets. Thread-safe.
class Network {
 public:
  virtual ~Network() = default;
  /// Called on the executor that will own the stream.
  using AcceptHandler = std::function<void(Executor&, std::unique_ptr<Stream>)>;
  using ConnectHandler = std::move_only_function<void(Result<std::unique_ptr<Stream>>)>;
  using ResolveHandler = std::move_only_function<void(Result<std::vector<Endpoint>>)>;

  /// Listens at `local`; accepted streams are dealt to `executors` in turn. `on_accept` may run on several at once.
  virtual Result<std::unique_ptr<Listener>> listen(const Endpoint& local, std::vector<Executor*> executors,
                                                   AcceptHandler on_accept, const ListenOptions& options = {}) = 0;
  /// Connects from `executor`, on which `done` is called, always after this call returned.
  virtual void connect(Executor& executor, const Endpoint& remote, Milliseconds timeout, ConnectHandler done) = 0;
  /// Looks a host name up ("localhost", a DNS name, or an address) with the given port; `done` on `executor`.
  virtual void resolve(Executor& executor, std::string host, std::uint16_t port, ResolveHandler done) = 0;
  /// Addresses of this machine's interfaces, best candidate for peers first (as the original picks brokerIP1).
  virtual std::vector<Endpoint> local_addresses() = 0;
};

}  // namespace ogive::io
