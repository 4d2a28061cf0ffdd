#pragma once
// The network between simulated nodes: streams with delay, arbitrary segmentation, back-pressure, loss and partition.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "io/network.h"
#include "testing/event_heap.h"

namespace ogive::sim {

class SimWorld;
class SimExecutor;
class SimInternet;
class Connection;

/// Behaviour of the way from one node to another. Latencies are drawn evenly; order within a connection is kept.
struct LinkOptions {
  std::int64_t min_latency_us = 100;
  std::int64_t max_latency_us = 1000;
  unsigned split_percent = 30;           ///< Chance that what is sent together arrives in several pieces.
  unsigned busy_socket_percent = 3;      ///< Chance that a write finds the socket busy for a moment.
  std::size_t socket_bytes = 256 << 10;  ///< In flight and unread; what is beyond waits in the writer (pending_bytes).
  Milliseconds break_after{15'000};      ///< A connection whose data cannot be delivered for so long breaks.
  unsigned break_per_100k_segments = 0;  ///< Chance that a segment resets its connection.
};

/// One node's door to the network; dies with the node's process.
class SimNetwork final : public io::Network {
 public:
  SimNetwork(SimInternet& internet, std::uint32_t host) : internet_(internet), host_(host) {}

  Result<std::unique_ptr<io::Listener>> listen(const io::Endpoint& local, std::vector<io::Executor*> executors,
                                               AcceptHandler on_accept, const io::ListenOptions& options = {}) override;
  void connect(io::Executor& executor, const io::Endpoint& remote, Milliseconds timeout, ConnectHandler done) override;
  void resolve(io::Executor& executor, std::string host, std::uint16_t port, ResolveHandler done) override;
  std::vector<io::Endpoint> local_addresses() override;

  /// The process is gone: its sockets are closed by the system, as seen by its peers, or, without power, just silent.
  void die(bool power_lost);
  bool dead() const { return dead_; }

 private:
  SimInternet& internet_;
  const std::uint32_t host_;
  bool dead_ = false;
};

/// All hosts, links, listeners and connections of a world. What tests use to delay, break and partition; nodes are
/// named.
class SimInternet {
 public:
  explicit SimInternet(SimWorld& world);
  ~SimInternet();
  SimInternet(const SimInternet&) = delete;
  SimInternet& operator=(const SimInternet&) = delete;

  /// Adds a host; "" takes the next address of 10.0.0.0/24. The node's name resolves to it. Returns its number.
  std::uint32_t add_host(const std::string& node, const std::string& address = "");
  /// A further name that resolve() knows, for instance "namesrv-a", or one name for several addresses.
  void add_name(const std::string& name, std::vector<io::Endpoint> addresses) { names_[name] = std::move(addresses); }
  io::Endpoint address(std::string_view node, std::uint16_t port = 0) const;

  void set_default_link(const LinkOptions& options) { default_link_ = options; }
  /// The way from one node to another; the way back is another link.
  void set_link(std::string_view from, std::string_view to, const LinkOptions& options);
  /// Nothing arrives from `from` at `to` any more (one way). Data in flight waits, and the connection breaks after
  /// LinkOptions::break_after.
  void block(std::string_view from, std::string_view to);
  void unblock(std::string_view from, std::string_view to);
  /// Blocks both ways between every node of `left` and every node of `right`.
  void partition(const std::vector<std::string>& left, const std::vector<std::string>& right);
  /// Removes every block; what waited arrives after the usual latency.
  void heal();
  /// Resets every connection between two nodes; both ends get on_closed within the link's latency.
  void reset_connections(std::string_view a, std::string_view b);
  std::size_t open_connections() const;
  std::uint64_t bytes_delivered() const { return bytes_delivered_; }

  SimWorld& world() { return world_; }

 private:
  friend class SimNetwork;
  friend class Connection;
  friend class SimListener;
  struct Host {
    std::string name;
    io::Endpoint address;
    bool powered = true;
    std::uint16_t next_port = 32'768;
  };
  struct Listening {
    std::uint32_t host = 0;
    io::Endpoint local;
    std::vector<SimExecutor*> executors;
    std::size_t next_executor = 0;
    io::Network::AcceptHandler on_accept;
  };
  struct Connecting {
    std::uint32_t from = 0;
    SimExecutor* executor = nullptr;
    io::Endpoint remote;
    io::Network::ConnectHandler done;
    unsigned attempts = 0;
    bool answered = false;
  };

  std::uint32_t host_of(std::string_view node) const;
  /// The host with that address as seen from `from` (loopback is `from` itself); hosts_.size() when there is none.
  std::uint32_t find_host(const io::Endpoint& address, std::uint32_t from) const;
  bool reachable(std::uint32_t from, std::uint32_t to) const;
  const LinkOptions& link(std::uint32_t from, std::uint32_t to) const;
  std::int64_t latency_ns(std::uint32_t from, std::uint32_t to);
  Connection* find(std::uint64_t id);

  Result<std::unique_ptr<io::Listener>> listen(std::uint32_t host, const io::Endpoint& local,
                                               std::vector<io::Executor*> executors,
                                               io::Network::AcceptHandler on_accept);
  std::uint64_t find_listener(std::uint32_t host, const io::Endpoint& wanted) const;
  void connect(std::uint32_t from, SimExecutor& executor, const io::Endpoint& remote, Milliseconds timeout,
               io::Network::ConnectHandler done);
  void try_connect(std::uint64_t id);
  void answer_connect(std::uint64_t id, std::uint32_t host);
  void finish_connect(std::uint64_t id, Result<std::unique_ptr<io::Stream>> result);
  void accept(std::uint64_t listener, std::uint64_t connection);
  void host_died(std::uint32_t host, bool power_lost);
  void host_started(std::uint32_t host);
  void links_changed();
  std::uint16_t take_port(std::uint32_t host);

  SimWorld& world_;
  Random random_;
  LinkOptions default_link_;
  LinkOptions loopback_;
  std::vector<Host> hosts_;
  std::map<std::string, std::vector<io::Endpoint>, std::less<>> names_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, LinkOptions> links_;
  std::set<std::pair<std::uint32_t, std::uint32_t>> blocked_;
  std::map<std::uint64_t, Listening> listeners_;
  std::map<std::uint64_t, Connecting> connecting_;
  std::map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  std::uint64_t next_id_ = 1;
  std::uint64_t link_epoch_ = 0;  ///< Grows when reachability improves.
  std::uint64_t bytes_delivered_ = 0;

  friend class SimNode;
};

}  // namespace ogive::sim
