#pragma once
// A longer cable: connections are passed on to another address, and every byte arrives later.

#include <cstdint>
#include <memory>
#include <vector>

#include "base/error.h"
#include "io/network.h"

namespace ogive::bench {

/// Passes on each connection to `remote`; what comes from either side leaves to the other `delay` later, half a
/// millisecond more or less, as fast as it came. A connection that ends at one side ends at the other, without what was
/// under way. Everything on one executor; destroy it when that no longer runs.
class Relay {
 public:
  static Result<std::unique_ptr<Relay>> open(io::Network& network, io::Executor& executor, const io::Endpoint& local,
                                             const io::Endpoint& remote, Milliseconds delay);
  ~Relay();
  const io::Endpoint& local() const { return listener_->local(); }

 private:
  class Cable;
  Relay(io::Network& network, io::Executor& executor, const io::Endpoint& remote, Milliseconds delay);
  void on_accept(std::unique_ptr<io::Stream> stream);
  void drop(Cable& cable);

  io::Network& network_;
  io::Executor& executor_;
  const io::Endpoint remote_;
  const Milliseconds delay_;
  std::vector<std::unique_ptr<Cable>> cables_;
  std::unique_ptr<io::Listener> listener_;
};

}  // namespace ogive::bench
