#pragma once
// One outgoing connection attempt.

#include "io/epoll_reactor.h"
#include "io/network.h"
#include "io/unique_fd.h"

namespace ogive::io {

/// Lives in the timer that ends it: the timer's task owns the attempt, so it goes when it succeeds, fails, times out,
/// or when the reactor drops its timers. Reactor's thread only.
class EpollConnector final : private Descriptor {
 public:
  /// Calls `done` exactly once, possibly before this returns; not at all when the reactor is destroyed before.
  static void begin(EpollReactor& reactor, const Endpoint& remote, Milliseconds timeout, Network::ConnectHandler done);

  EpollConnector(EpollReactor& reactor, UniqueFd socket, const Endpoint& remote, Network::ConnectHandler done);
  ~EpollConnector() override;

 private:
  void on_ready(std::uint32_t events) override;

  EpollReactor& reactor_;
  UniqueFd socket_;
  Endpoint remote_;
  Network::ConnectHandler done_;
  WatchId watch_;
  TimerId timer_;
};

}  // namespace ogive::io
