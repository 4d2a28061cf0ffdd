#include "io/epoll_network.h"

#include <fmt/core.h>
#include <netdb.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "io/epoll_connector.h"
#include "io/epoll_listener.h"
#include "io/epoll_reactor.h"
#include "io/socket_address.h"

namespace ogive::io {
namespace {

constexpr std::size_t kMaxLookups = 1024;

EpollReactor& reactor_of(Executor& executor) {
  auto* reactor = dynamic_cast<EpollReactor*>(&executor);
  OGIVE_CHECK(reactor != nullptr);
  return *reactor;
}

Result<std::vector<Endpoint>> look_up(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failure = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (failure != 0) {
    const Errc code = failure == EAI_AGAIN ? Errc::kTimeout : Errc::kNotFound;
    return fail(code, fmt::format("cannot resolve host '{}': {}; check the name and this machine's DNS settings", host,
                                  ::gai_strerror(failure)));
  }
  std::vector<Endpoint> endpoints;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    sockaddr_storage address{};
    std::memcpy(&address, entry->ai_addr, std::min<std::size_t>(entry->ai_addrlen, sizeof address));
    Endpoint endpoint = from_socket_address(address);
    endpoint.port = port;
    if (std::ranges::find(endpoints, endpoint) == endpoints.end()) endpoints.push_back(endpoint);
  }
  ::freeaddrinfo(found);
  // IPv4 first, as a JVM orders them by default: RocketMQ peers print and compare IPv4 addresses.
  std::ranges::stable_partition(endpoints, [](const Endpoint& endpoint) { return !endpoint.is_v6(); });
  return endpoints;
}

}  // namespace

Result<std::unique_ptr<Listener>> EpollNetwork::listen(const Endpoint& local, std::vector<Executor*> executors,
                                                       AcceptHandler on_accept, const ListenOptions& options) {
  OGIVE_CHECK(!executors.empty());
  std::vector<EpollReactor*> reactors;
  for (Executor* executor : executors) reactors.push_back(&reactor_of(*executor));
  return EpollListener::open(local, std::move(reactors), std::move(on_accept), options);
}

void EpollNetwork::connect(Executor& executor, const Endpoint& remote, Milliseconds timeout, ConnectHandler done) {
  EpollReactor& reactor = reactor_of(executor);
  reactor.post([&reactor, remote, timeout, done = std::move(done)]() mutable {
    EpollConnector::begin(reactor, remote, timeout, std::move(done));
  });
}

void EpollNetwork::resolve(Executor& executor, std::string host, std::uint16_t port, ResolveHandler done) {
  // Addresses need no thread: "1.2.3.4", "fd00::1" and "[fd00::1]".
  const bool bare_v6 = host.find(':') != std::string::npos && host.front() != '[';
  const std::string shown = bare_v6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
  if (auto endpoint = Endpoint::parse(shown)) {
    executor.post([endpoint = *endpoint, done = std::move(done)]() mutable { done(std::vector<Endpoint>{endpoint}); });
    return;
  }
  const std::scoped_lock lock(resolver_mutex_);
  if (resolver_ == nullptr) resolver_ = std::make_unique<BlockingLane>("resolver", 1, kMaxLookups);
  // Shared between the queued task and this function, because a refused task is gone and its handler still needs an
  // answer.
  const auto handler = std::make_shared<ResolveHandler>(std::move(done));
  Status queued = resolver_->post([&executor, host = std::move(host), port, handler] {
    executor.post([result = look_up(host, port), handler]() mutable { (*handler)(std::move(result)); });
  });
  if (!queued) {
    executor.post([error = std::move(queued).error(), handler]() mutable { (*handler)(fail(std::move(error))); });
  }
}

}  // namespace ogive::io
