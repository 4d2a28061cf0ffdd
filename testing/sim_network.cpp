#include "testing/sim_network.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>

#include "base/check.h"
#include "testing/connection.h"
#include "testing/sim_world.h"

namespace ogive::sim {
namespace {

/// Arrivals are rounded up to this, so that some coincide and make one turn.
constexpr std::int64_t kArrivalGrainNs = 20'000;

bool is_any(const io::Endpoint& endpoint) {
  return std::ranges::all_of(endpoint.address, [](std::uint8_t byte) { return byte == 0; });
}
bool is_loopback(const io::Endpoint& endpoint) {
  return !endpoint.is_v6() && endpoint.address[0] == 127;
}

bool same_address(const io::Endpoint& a, const io::Endpoint& b) {
  return a.address_size == b.address_size && a.address == b.address;
}

io::Endpoint ipv4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d, std::uint16_t port) {
  io::Endpoint endpoint;
  endpoint.address = {a, b, c, d};
  endpoint.port = port;
  return endpoint;
}

}  // namespace

/// Stops listening when destroyed.
class SimListener final : public io::Listener {
 public:
  SimListener(SimInternet& internet, std::uint64_t id, const io::Endpoint& local)
      : internet_(internet), id_(id), local_(local) {}
  ~SimListener() override { internet_.listeners_.erase(id_); }
  const io::Endpoint& local() const override { return local_; }

 private:
  SimInternet& internet_;
  const std::uint64_t id_;
  const io::Endpoint local_;
};

Result<std::unique_ptr<io::Listener>> SimNetwork::listen(const io::Endpoint& local,
                                                         std::vector<io::Executor*> executors, AcceptHandler on_accept,
                                                         const io::ListenOptions&) {
  if (dead_) return fail(Errc::kClosed, "listen: the process is dead (simulated)");
  if (executors.empty()) return fail(Errc::kInvalidArgument, "listen: no executor to accept on");
  return internet_.listen(host_, local, std::move(executors), std::move(on_accept));
}

void SimNetwork::connect(io::Executor& executor, const io::Endpoint& remote, Milliseconds timeout,
                         ConnectHandler done) {
  if (dead_) return;
  internet_.connect(host_, static_cast<SimExecutor&>(executor), remote, timeout, std::move(done));
}

void SimNetwork::resolve(io::Executor& executor, std::string host, std::uint16_t port, ResolveHandler done) {
  if (dead_) return;
  Result<std::vector<io::Endpoint>> result =
      fail(Errc::kNotFound, fmt::format("no address for host name {} (simulated)", host));
  const auto literal = io::Endpoint::parse(
      fmt::format(fmt::runtime(host.find(':') == std::string::npos ? "{}:{}" : "[{}]:{}"), host, port));
  if (literal) {
    result = std::vector<io::Endpoint>{*literal};
  } else if (host == "localhost") {
    result = std::vector<io::Endpoint>{ipv4(127, 0, 0, 1, port)};
  } else if (const auto found = internet_.names_.find(host); found != internet_.names_.end()) {
    result = found->second;
    for (io::Endpoint& endpoint : *result) endpoint.port = port;
  }
  auto& sim_executor = static_cast<SimExecutor&>(executor);
  const std::int64_t at = internet_.world().now_ns() + internet_.latency_ns(host_, host_);
  sim_executor.post_at(at, [result = std::move(result), done = std::move(done)]() mutable { done(std::move(result)); });
}

std::vector<io::Endpoint> SimNetwork::local_addresses() {
  return {internet_.hosts_[host_].address};
}

void SimNetwork::die(bool power_lost) {
  if (dead_) return;
  dead_ = true;
  internet_.host_died(host_, power_lost);
}

SimInternet::SimInternet(SimWorld& world) : world_(world), random_(world.stream("network")) {
  loopback_.min_latency_us = 10;
  loopback_.max_latency_us = 60;
}

SimInternet::~SimInternet() = default;

std::uint32_t SimInternet::add_host(const std::string& node, const std::string& address) {
  const auto number = static_cast<std::uint32_t>(hosts_.size());
  OGIVE_CHECK_MSG(number < 200, "too many hosts: {}", number);
  Host host;
  host.name = node;
  host.address = ipv4(10, 0, 0, static_cast<std::uint8_t>(number + 1), 0);
  if (!address.empty()) {
    const auto parsed = io::Endpoint::parse(address + ":0");
    OGIVE_CHECK_MSG(parsed.has_value(), "bad address {} for {}", address, node);
    host.address = *parsed;
  }
  add_name(node, {host.address});
  hosts_.push_back(std::move(host));
  return number;
}

io::Endpoint SimInternet::address(std::string_view node, std::uint16_t port) const {
  io::Endpoint endpoint = hosts_[host_of(node)].address;
  endpoint.port = port;
  return endpoint;
}

std::uint32_t SimInternet::host_of(std::string_view node) const {
  const auto found = std::ranges::find(hosts_, node, &Host::name);
  OGIVE_CHECK_MSG(found != hosts_.end(), "no node named {}", node);
  return static_cast<std::uint32_t>(found - hosts_.begin());
}

std::uint32_t SimInternet::find_host(const io::Endpoint& address, std::uint32_t from) const {
  if (is_loopback(address) || is_any(address)) return from;
  const auto found =
      std::ranges::find_if(hosts_, [&](const Host& host) { return same_address(host.address, address); });
  return static_cast<std::uint32_t>(found - hosts_.begin());
}

bool SimInternet::reachable(std::uint32_t from, std::uint32_t to) const {
  return hosts_[from].powered && hosts_[to].powered && !blocked_.contains({from, to});
}

const LinkOptions& SimInternet::link(std::uint32_t from, std::uint32_t to) const {
  const auto found = links_.find({from, to});
  if (found != links_.end()) return found->second;
  return from == to ? loopback_ : default_link_;
}

std::int64_t SimInternet::latency_ns(std::uint32_t from, std::uint32_t to) {
  const LinkOptions& options = link(from, to);
  const std::int64_t range = std::max<std::int64_t>(0, options.max_latency_us - options.min_latency_us);
  const auto extra = static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(range) + 1));
  const std::int64_t due = world_.now_ns() + (options.min_latency_us + extra) * 1000;
  return (due + kArrivalGrainNs - 1) / kArrivalGrainNs * kArrivalGrainNs - world_.now_ns();
}

Connection* SimInternet::find(std::uint64_t id) {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : found->second.get();
}

void SimInternet::set_link(std::string_view from, std::string_view to, const LinkOptions& options) {
  links_[{host_of(from), host_of(to)}] = options;
}

void SimInternet::block(std::string_view from, std::string_view to) {
  blocked_.insert({host_of(from), host_of(to)});
}

void SimInternet::unblock(std::string_view from, std::string_view to) {
  if (blocked_.erase({host_of(from), host_of(to)}) > 0) links_changed();
}

void SimInternet::partition(const std::vector<std::string>& left, const std::vector<std::string>& right) {
  for (const auto& a : left) {
    for (const auto& b : right) {
      block(a, b);
      block(b, a);
    }
  }
}

void SimInternet::heal() {
  blocked_.clear();
  links_changed();
}

void SimInternet::links_changed() {
  ++link_epoch_;
  for (auto& [id, connection] : connections_) connection->resume();
}

void SimInternet::reset_connections(std::string_view a, std::string_view b) {
  for (auto& [id, connection] : connections_) {
    if (connection->between(host_of(a), host_of(b))) connection->reset();
  }
}

std::size_t SimInternet::open_connections() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(connections_, [](const auto& entry) { return entry.second->open(); }));
}

std::uint16_t SimInternet::take_port(std::uint32_t host) {
  std::uint16_t& next = hosts_[host].next_port;
  next = next >= 60'999 ? 32'768 : static_cast<std::uint16_t>(next + 1);
  return next;
}

Result<std::unique_ptr<io::Listener>> SimInternet::listen(std::uint32_t host, const io::Endpoint& local,
                                                          std::vector<io::Executor*> executors,
                                                          io::Network::AcceptHandler on_accept) {
  if (!is_any(local) && find_host(local, host) != host) {
    return fail(Error::from_errno(EADDRNOTAVAIL, fmt::format("listen at {} (simulated)", local.to_string())));
  }
  io::Endpoint bound = local;
  if (bound.port == 0) bound.port = take_port(host);
  for (const auto& [id, other] : listeners_) {
    if (other.host == host && other.local.port == bound.port &&
        (is_any(bound) || is_any(other.local) || same_address(bound, other.local))) {
      return fail(Error::from_errno(EADDRINUSE, fmt::format("listen at {} (simulated)", bound.to_string())));
    }
  }
  const std::uint64_t id = next_id_++;
  Listening& listening = listeners_[id];
  listening.host = host;
  listening.local = bound;
  for (io::Executor* executor : executors) listening.executors.push_back(static_cast<SimExecutor*>(executor));
  listening.on_accept = std::move(on_accept);
  return std::make_unique<SimListener>(*this, id, bound);
}

std::uint64_t SimInternet::find_listener(std::uint32_t host, const io::Endpoint& wanted) const {
  for (const auto& [id, listening] : listeners_) {
    if (listening.host != host || listening.local.port != wanted.port) continue;
    if (is_any(listening.local) || same_address(listening.local, wanted)) return id;
  }
  return 0;
}

void SimInternet::connect(std::uint32_t from, SimExecutor& executor, const io::Endpoint& remote, Milliseconds timeout,
                          io::Network::ConnectHandler done) {
  const std::uint64_t id = next_id_++;
  connecting_[id] = {from, &executor, remote, std::move(done), 0, false};
  world_.at_ns(world_.now_ns() + timeout.count() * 1'000'000, [this, id, timeout] {
    const auto found = connecting_.find(id);
    if (found == connecting_.end() || found->second.answered) return;
    finish_connect(id, fail(Errc::kTimeout, fmt::format("connect to {}: no answer within {} ms (simulated)",
                                                        found->second.remote.to_string(), timeout.count())));
  });
  try_connect(id);
}

void SimInternet::try_connect(std::uint64_t id) {
  const auto found = connecting_.find(id);
  if (found == connecting_.end()) return;
  Connecting& connecting = found->second;
  const std::uint32_t from = connecting.from;
  const std::uint32_t to = find_host(connecting.remote, from);
  if (to == hosts_.size()) {
    world_.at_ns(world_.now_ns() + 2 * latency_ns(from, from), [this, id] {
      const auto pending = connecting_.find(id);
      if (pending == connecting_.end()) return;
      finish_connect(id, fail(Error::from_errno(ECONNREFUSED, fmt::format("connect to {}: no such host (simulated)",
                                                                          pending->second.remote.to_string()))));
    });
    return;
  }
  // A lost request is sent again after 1, 2, 4 ... seconds, as TCP does.
  const std::int64_t again_ns = std::int64_t{1'000'000'000} << std::min(connecting.attempts++, 6U);
  world_.at_ns(world_.now_ns() + latency_ns(from, to), [this, id, from, to] {
    if (reachable(from, to)) answer_connect(id, to);
  });
  world_.at_ns(world_.now_ns() + again_ns, [this, id] {
    const auto pending = connecting_.find(id);
    if (pending != connecting_.end() && !pending->second.answered) try_connect(id);
  });
}

void SimInternet::answer_connect(std::uint64_t id, std::uint32_t host) {
  const auto found = connecting_.find(id);
  if (found == connecting_.end() || found->second.answered) return;
  Connecting& connecting = found->second;
  const std::uint32_t from = connecting.from;
  if (!reachable(host, from)) return;
  connecting.answered = true;
  const std::int64_t back_ns = world_.now_ns() + latency_ns(host, from);
  const std::uint64_t listener = find_listener(host, connecting.remote);
  if (listener == 0) {
    world_.at_ns(back_ns, [this, id] {
      const auto pending = connecting_.find(id);
      if (pending == connecting_.end()) return;
      finish_connect(id, fail(Error::from_errno(ECONNREFUSED, fmt::format("connect to {} (simulated)",
                                                                          pending->second.remote.to_string()))));
    });
    return;
  }
  world_.at_ns(back_ns, [this, id, host, listener] {
    const auto pending = connecting_.find(id);
    if (pending == connecting_.end()) return;
    const Connecting& request = pending->second;
    io::Endpoint local = is_loopback(request.remote) ? request.remote : hosts_[request.from].address;
    local.port = take_port(request.from);
    const std::uint64_t connection = next_id_++;
    const std::uint32_t client = request.from;
    Connection& made = *connections_
                            .emplace(connection, std::make_unique<Connection>(
                                                     *this, connection,
                                                     Connection::Side{client, request.executor, local, request.remote},
                                                     Connection::Side{host, nullptr, request.remote, local}))
                            .first->second;
    finish_connect(id, made.open_stream(0));
    world_.at_ns(world_.now_ns() + latency_ns(client, host),
                 [this, listener, connection] { accept(listener, connection); });
  });
}

void SimInternet::finish_connect(std::uint64_t id, Result<std::unique_ptr<io::Stream>> result) {
  const auto found = connecting_.find(id);
  Connecting connecting = std::move(found->second);
  connecting_.erase(found);
  connecting.executor->post(
      [done = std::move(connecting.done), result = std::move(result)]() mutable { done(std::move(result)); });
}

void SimInternet::accept(std::uint64_t listener, std::uint64_t connection) {
  Connection* const made = find(connection);
  if (made == nullptr) return;
  const auto found = listeners_.find(listener);
  if (found == listeners_.end()) {
    made->refuse();
    return;
  }
  Listening& listening = found->second;
  SimExecutor& executor = *listening.executors[listening.next_executor++ % listening.executors.size()];
  made->assign(1, executor);
  executor.post([this, listener, connection, &executor] {
    Connection* const accepted = find(connection);
    if (accepted == nullptr) return;
    const auto still = listeners_.find(listener);
    if (still == listeners_.end()) {
      accepted->refuse();
      return;
    }
    // Copied: the handler may destroy its listener.
    const io::Network::AcceptHandler on_accept = still->second.on_accept;
    on_accept(executor, accepted->open_stream(1));
  });
}

void SimInternet::host_died(std::uint32_t host, bool power_lost) {
  hosts_[host].powered = !power_lost;
  std::erase_if(listeners_, [host](const auto& entry) { return entry.second.host == host; });
  std::map<std::uint64_t, Connecting> dropped;
  for (auto it = connecting_.begin(); it != connecting_.end();) {
    const auto next = std::next(it);
    if (it->second.from == host) dropped.insert(connecting_.extract(it));
    it = next;
  }
  for (auto& [id, connection] : connections_) connection->host_died(host, power_lost);
}

void SimInternet::host_started(std::uint32_t host) {
  if (hosts_[host].powered) return;
  hosts_[host].powered = true;
  links_changed();
}

}  // namespace ogive::sim
