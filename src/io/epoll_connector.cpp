#include "io/epoll_connector.h"

#include <fmt/core.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "io/epoll_stream.h"
#include "io/socket_address.h"

namespace ogive::io {
namespace {

Error connect_error(int os_error, const Endpoint& remote) {
  return Error::from_errno(os_error, fmt::format("cannot connect to {}", remote.to_string()));
}

}  // namespace

void EpollConnector::begin(EpollReactor& reactor, const Endpoint& remote, Milliseconds timeout,
                           Network::ConnectHandler done) {
  auto socket = make_socket(remote.is_v6());
  if (!socket) {
    done(fail(std::move(socket).error()));
    return;
  }
  sockaddr_storage address;
  const socklen_t length = to_socket_address(remote, address);
  if (::connect(socket->get(), reinterpret_cast<const sockaddr*>(&address), length) != 0 && errno != EINPROGRESS) {
    done(fail(connect_error(errno, remote)));
    return;
  }
  auto attempt = std::make_unique<EpollConnector>(reactor, std::move(*socket), remote, std::move(done));
  EpollConnector& self = *attempt;
  // Also a connection made at once is reported by the set: one path for all.
  if (Status status = reactor.set_interest(self.watch_, EPOLLOUT); !status) {
    self.done_(fail(std::move(status).error()));
    return;
  }
  self.timer_ = reactor.run_after(timeout, [owner = std::move(attempt), timeout]() mutable {
    const std::unique_ptr<EpollConnector> ending = std::move(owner);
    ending->done_(fail(Errc::kTimeout, fmt::format("cannot connect to {}: no answer within {} ms",
                                                   ending->remote_.to_string(), timeout.count())));
  });
}

EpollConnector::EpollConnector(EpollReactor& reactor, UniqueFd socket, const Endpoint& remote,
                               Network::ConnectHandler done)
    : reactor_(reactor),
      socket_(std::move(socket)),
      remote_(remote),
      done_(std::move(done)),
      watch_(reactor.watch(socket_.get(), *this)) {}

EpollConnector::~EpollConnector() {
  reactor_.unwatch(watch_);
}

void EpollConnector::on_ready(std::uint32_t) {
  int os_error = 0;
  socklen_t length = sizeof os_error;
  if (::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &os_error, &length) != 0) os_error = errno;
  EpollReactor& reactor = reactor_;
  const Endpoint remote = remote_;
  Network::ConnectHandler done = std::move(done_);
  reactor.unwatch(watch_);
  UniqueFd socket = std::move(socket_);
  reactor.cancel(timer_);  // Destroys this object.
  if (os_error != 0) {
    done(fail(connect_error(os_error, remote)));
  } else {
    done(std::make_unique<EpollStream>(reactor, std::move(socket), remote));
  }
}

}  // namespace ogive::io
