#include "io/epoll_listener.h"

#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/log.h"
#include "io/epoll_stream.h"
#include "io/socket_address.h"

namespace ogive::io {
namespace {

constexpr int kAcceptsPerTurn = 64;
constexpr Milliseconds kBackOff{100};

Result<UniqueFd> bind_and_listen(const Endpoint& local, bool dual, const ListenOptions& options) {
  auto socket = make_socket(local.is_v6());
  if (!socket) return socket;
  const int on = 1;
  const int v6_only = dual ? 0 : 1;
  ::setsockopt(socket->get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (local.is_v6()) ::setsockopt(socket->get(), IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof v6_only);
  // Inherited by the accepted connections; must be set before the handshake that fixes the window.
  for (const auto& [option, bytes] :
       {std::pair(SO_SNDBUF, options.send_buffer_bytes), {SO_RCVBUF, options.receive_buffer_bytes}}) {
    if (bytes > 0) ::setsockopt(socket->get(), SOL_SOCKET, option, &bytes, sizeof bytes);
  }
  sockaddr_storage address;
  const socklen_t length = to_socket_address(local, address);
  if (::bind(socket->get(), reinterpret_cast<const sockaddr*>(&address), length) != 0 ||
      ::listen(socket->get(), options.backlog) != 0) {
    const int os_error = errno;
    const char* remedy =
        os_error == EADDRINUSE ? " (another process listens there: stop it, or choose another port)" : "";
    return fail(Error::from_errno(os_error, fmt::format("cannot listen at {}{}", local.to_string(), remedy)));
  }
  return socket;
}

bool all_zero(const Endpoint& endpoint) {
  return std::ranges::all_of(endpoint.address, [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace

Result<std::unique_ptr<Listener>> EpollListener::open(const Endpoint& local, std::vector<EpollReactor*> reactors,
                                                      Network::AcceptHandler on_accept, const ListenOptions& options) {
  Result<UniqueFd> socket = UniqueFd();
  if (!local.is_v6() && options.v6_dual && all_zero(local)) {
    Endpoint any_v6 = local;
    any_v6.address_size = 16;
    socket = bind_and_listen(any_v6, true, options);
    // A machine without IPv6 is no reason not to listen.
    if (!socket && socket.error().os_error() != EADDRINUSE) socket = bind_and_listen(local, false, options);
  } else {
    socket = bind_and_listen(local, false, options);
  }
  if (!socket) return fail(std::move(socket).error());
  Endpoint bound = local;
  bound.port = local_endpoint(socket->get()).port;

  EpollReactor& first = *reactors.front();
  auto delivery = std::make_shared<Delivery>();
  delivery->on_accept = std::move(on_accept);
  std::unique_ptr<EpollListener> listener(new EpollListener(first, bound, delivery));
  listener->acceptor_ = std::make_shared<Acceptor>(std::move(*socket), std::move(reactors), std::move(delivery));
  // Listening is under way in the kernel; accepting begins on the reactor, whose thread this may not be.
  first.post([acceptor = listener->acceptor_] { acceptor->begin(); });
  return listener;
}

EpollListener::~EpollListener() {
  delivery_->closed.store(true);
  if (!reactor_.on_own_thread() && reactor_.running()) {
    reactor_.post([acceptor = std::move(acceptor_)]() mutable { acceptor.reset(); });
  }
}

EpollListener::Acceptor::Acceptor(UniqueFd socket, std::vector<EpollReactor*> reactors,
                                  std::shared_ptr<Delivery> delivery)
    : reactor_(*reactors.front()),
      socket_(std::move(socket)),
      reactors_(std::move(reactors)),
      delivery_(std::move(delivery)),
      back_off_logged_(reactor_.clock()) {}

EpollListener::Acceptor::~Acceptor() {
  reactor_.cancel(back_off_timer_);
  reactor_.unwatch(watch_);
}

void EpollListener::Acceptor::begin() {
  if (delivery_->closed.load()) return;
  watch_ = reactor_.watch(socket_.get(), *this);
  resume();
}

void EpollListener::Acceptor::resume() {
  const Status status = reactor_.set_interest(watch_, EPOLLIN);
  if (status) return;
  // The limit on watched descriptors (fs.epoll.max_user_watches) or memory: others may give some back.
  if (const std::uint64_t times = back_off_logged_.allow()) {
    OGIVE_LOG(error, "remoting", "cannot accept connections at port {}: {} ({} times); tried again",
              local_endpoint(socket_.get()).port, status.error().message(), times);
  }
  back_off_timer_ = reactor_.run_after(kBackOff, [this] { resume(); });
}

void EpollListener::Acceptor::on_ready(std::uint32_t) {
  const std::shared_ptr<Delivery> delivery = delivery_;  // A handler may destroy the listener, and so this object.
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    UniqueFd socket(
        ::accept4(socket_.get(), reinterpret_cast<sockaddr*>(&address), &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket.valid()) {
      const int os_error = errno;
      if (os_error == EAGAIN) return;
      if (os_error == EMFILE || os_error == ENFILE || os_error == ENOBUFS || os_error == ENOMEM) {
        back_off(os_error);
        return;
      }
      continue;  // This one connection failed before it was accepted.
    }
    deal(std::move(socket), from_socket_address(address));
    if (delivery->closed.load()) return;
  }
}

void EpollListener::Acceptor::deal(UniqueFd socket, const Endpoint& remote) {
  EpollReactor& target = *reactors_[next_++ % reactors_.size()];
  if (&target == &reactor_) {
    const std::shared_ptr<Delivery> delivery = delivery_;
    delivery->on_accept(target, std::make_unique<EpollStream>(target, std::move(socket), remote));
    return;
  }
  target.post([&target, delivery = delivery_, socket = std::move(socket), remote]() mutable {
    if (delivery->closed.load()) return;
    delivery->on_accept(target, std::make_unique<EpollStream>(target, std::move(socket), remote));
  });
}

void EpollListener::Acceptor::back_off(int os_error) {
  if (const std::uint64_t times = back_off_logged_.allow()) {
    OGIVE_LOG(warn, "remoting", "cannot accept a connection: {} ({} times); raise `ulimit -n` or close connections",
              std::strerror(os_error), times);
  }
  if (!reactor_.set_interest(watch_, 0)) return;
  back_off_timer_ = reactor_.run_after(kBackOff, [this] { resume(); });
}

}  // namespace ogive::io
