#pragma once
// TCP on reactors.

#include <memory>
#include <mutex>

#include "io/blocking_lane.h"
#include "io/network.h"

namespace ogive::io {

/// Every Executor passed in must be an EpollReactor and outlive this object. A listener must be destroyed on the thread
/// of its first executor, or while that one does not run; otherwise accepts under way may still be delivered. resolve()
/// uses one thread of its own, begun with the first name; the destructor waits for the look-up under way.
class EpollNetwork final : public Network {
 public:
  EpollNetwork() = default;

  Result<std::unique_ptr<Listener>> listen(const Endpoint& local, std::vector<Executor*> executors,
                                           AcceptHandler on_accept, const ListenOptions& options = {}) override;
  void connect(Executor& executor, const Endpoint& remote, Milliseconds timeout, ConnectHandler done) override;
  void resolve(Executor& executor, std::string host, std::uint16_t port, ResolveHandler done) override;
  std::vector<Endpoint> local_addresses() override;

 private:
  std::mutex resolver_mutex_;
  std::unique_ptr<BlockingLane> resolver_;  ///< Under resolver_mutex_.
};

}  // namespace ogive::io
