#pragma once
// The limit a server is measured against: the same event loop and streams, and nothing behind them.

#include <cstdint>
#include <memory>
#include <vector>

#include "base/error.h"
#include "io/network.h"

namespace ogive::bench {

/// Answers every frame of `ogive bench echo` with a frame of the size its body asks for; all frames of a read are
/// answered in one write. Everything on one executor; destroy it when that no longer runs.
class EchoServer {
 public:
  static Result<std::unique_ptr<EchoServer>> open(io::Network& network, io::Executor& executor,
                                                  const io::Endpoint& local);
  ~EchoServer();
  const io::Endpoint& local() const { return listener_->local(); }

 private:
  class Session;
  EchoServer() = default;
  void drop(Session& session);

  std::vector<std::unique_ptr<Session>> sessions_;
  std::unique_ptr<io::Listener> listener_;
};

}  // namespace ogive::bench
