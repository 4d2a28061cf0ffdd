#pragma once
// Connections in memory: a server's side of the network without a kernel, so that nothing but the server is counted.

#include <memory>
#include <string>
#include <vector>

#include "io/network.h"

namespace ogive::bench {

/// The server's end of a connection. What it writes is kept until take_output(). One thread.
class MemoryStream final : public io::Stream {
 public:
  explicit MemoryStream(std::uint16_t port);
  void start(io::StreamHandler& handler) override { handler_ = &handler; }
  void write(io::OutBuffer& data) override { output_.splice(data); }
  std::size_t pending_bytes() const override { return 0; }
  void pause_reading(bool) override {}
  void close_after_flush(Milliseconds) override {}
  const io::Endpoint& local() const override { return local_; }
  const io::Endpoint& remote() const override { return remote_; }

  /// Gives the server `bytes` in one read. They must be whole frames.
  void deliver(ByteView bytes);
  io::OutBuffer& output() { return output_; }

 private:
  io::StreamHandler* handler_ = nullptr;
  io::OutBuffer output_;
  io::Endpoint local_;
  io::Endpoint remote_;
};

/// Remembers who listens; connects to nobody. One thread.
class MemoryNetwork final : public io::Network {
 public:
  Result<std::unique_ptr<io::Listener>> listen(const io::Endpoint& local, std::vector<io::Executor*> executors,
                                               AcceptHandler on_accept, const io::ListenOptions& options) override;
  void connect(io::Executor& executor, const io::Endpoint& remote, Milliseconds timeout, ConnectHandler done) override;
  void resolve(io::Executor& executor, std::string host, std::uint16_t port, ResolveHandler done) override;
  std::vector<io::Endpoint> local_addresses() override;

  /// A new connection to whoever listens on `port`; the server owns it.
  MemoryStream& open(std::uint16_t port);

 private:
  struct Server {
    std::uint16_t port = 0;
    io::Executor* executor = nullptr;
    AcceptHandler on_accept;
  };
  std::vector<Server> servers_;
  std::uint16_t next_port_ = 40'000;
};

}  // namespace ogive::bench
