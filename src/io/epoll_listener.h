#pragma once
// A listening socket that deals accepted connections over several reactors.

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "base/rate_limit.h"
#include "io/epoll_reactor.h"
#include "io/network.h"
#include "io/unique_fd.h"

namespace ogive::io {

/// Accepts on the first of its reactors. Thread rule: see EpollNetwork.
class EpollListener final : public Listener {
 public:
  static Result<std::unique_ptr<Listener>> open(const Endpoint& local, std::vector<EpollReactor*> reactors,
                                                Network::AcceptHandler on_accept, const ListenOptions& options);
  ~EpollListener() override;
  const Endpoint& local() const override { return local_; }

 private:
  /// Shared by the acceptor and the accepts on their way to other reactors, which may outlive it.
  struct Delivery {
    Network::AcceptHandler on_accept;
    std::atomic<bool> closed{false};
  };

  /// The part that lives on the first reactor.
  class Acceptor final : public Descriptor {
   public:
    Acceptor(UniqueFd socket, std::vector<EpollReactor*> reactors, std::shared_ptr<Delivery> delivery);
    ~Acceptor() override;
    void begin();

   private:
    void on_ready(std::uint32_t events) override;
    void deal(UniqueFd socket, const Endpoint& remote);
    /// Accepts from now on, or as soon as the system lets the socket be watched.
    void resume();
    /// No descriptors or memory left: waits a little instead of being told the same again and again.
    void back_off(int os_error);

    EpollReactor& reactor_;
    UniqueFd socket_;
    std::vector<EpollReactor*> reactors_;
    std::shared_ptr<Delivery> delivery_;
    WatchId watch_;
    TimerId back_off_timer_;
    RateLimit back_off_logged_;
    std::size_t next_ = 0;
  };

  EpollListener(EpollReactor& reactor, const Endpoint& local, std::shared_ptr<Delivery> delivery)
      : reactor_(reactor), local_(local), delivery_(std::move(delivery)) {}

  EpollReactor& reactor_;
  Endpoint local_;
  std::shared_ptr<Delivery> delivery_;
  /// Shared with the posted task that begins it, which may run after the listener was destroyed.
  std::shared_ptr<Acceptor> acceptor_;
};

}  // namespace ogive::io
