#include "bench/instructions/memory_network.h"

#include "base/check.h"

namespace ogive::bench {
namespace {

io::Endpoint loopback(std::uint16_t port) {
  io::Endpoint endpoint = *io::Endpoint::parse("127.0.0.1:1");
  endpoint.port = port;
  return endpoint;
}

class MemoryListener final : public io::Listener {
 public:
  explicit MemoryListener(const io::Endpoint& local) : local_(local) {}
  const io::Endpoint& local() const override { return local_; }

 private:
  const io::Endpoint local_;
};

}  // namespace

MemoryStream::MemoryStream(std::uint16_t port) : local_(loopback(1)), remote_(loopback(port)) {}

void MemoryStream::deliver(ByteView bytes) {
  const auto consumed = handler_->on_data(bytes);
  OGIVE_CHECK(consumed.bytes == bytes.size());
}

Result<std::unique_ptr<io::Listener>> MemoryNetwork::listen(const io::Endpoint& local,
                                                            std::vector<io::Executor*> executors,
                                                            AcceptHandler on_accept, const io::ListenOptions&) {
  servers_.push_back({local.port, executors.front(), std::move(on_accept)});
  return std::make_unique<MemoryListener>(local);
}

void MemoryNetwork::connect(io::Executor& executor, const io::Endpoint& remote, Milliseconds, ConnectHandler done) {
  executor.post([remote, done = std::move(done)]() mutable {
    done(fail(Errc::kClosed, "nobody is at " + remote.to_string() + ": this network has servers only"));
  });
}

void MemoryNetwork::resolve(io::Executor& executor, std::string, std::uint16_t port, ResolveHandler done) {
  executor.post([port, done = std::move(done)]() mutable { done(std::vector{loopback(port)}); });
}

std::vector<io::Endpoint> MemoryNetwork::local_addresses() {
  return {loopback(0)};
}

MemoryStream& MemoryNetwork::open(std::uint16_t port) {
  for (Server& server : servers_) {
    if (server.port != port) continue;
    auto stream = std::make_unique<MemoryStream>(next_port_++);
    MemoryStream& opened = *stream;
    server.on_accept(*server.executor, std::move(stream));
    return opened;
  }
  OGIVE_CHECK(!"somebody listens on the port");
  std::abort();
}

}  // namespace ogive::bench
