#pragma once
// The ground simulated producers and consumers stand on: one process's connections and its knowledge of routes.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "protocol/bodies/route.h"
#include "protocol/header.h"
#include "remoting/client.h"
#include "testing/sim_node.h"

namespace ogive::sim {

/// A reply as it stays: owned, unlike the frame it came in.
struct Reply {
  std::int32_t code = 0;
  std::string remark;
  std::map<std::string, std::string, std::less<>> fields;
  std::string body;

  /// -1 when there is no such number.
  std::int64_t number(std::string_view name) const;
};

template <class Header>
remoting::Message make_request(std::int32_t code, const Header& header, std::string body = {}) {
  remoting::Message message(code);
  protocol::encode_header(header, message);
  message.body = std::move(body);
  return message;
}

/// On one node's first reactor; lives in the node's program.
class SimClient {
 public:
  using Done = std::function<void(const Result<Reply>&)>;
  using RouteDone = std::function<void(const Result<protocol::TopicRouteData>&)>;

  SimClient(SimNode& node, std::vector<io::Endpoint> name_servers);

  SimNode& node() { return node_; }
  io::Executor& executor() { return node_.reactor(); }
  std::int64_t now_ms() const { return node_.clock().monotonic_ms(); }

  void call(const io::Endpoint& to, remoting::Message message, Milliseconds timeout, Done done);
  /// Asks the name servers one after the other, beginning with the one that answered last. kNotFound: none has a route.
  void route(const std::string& topic, RouteDone done);
  /// What the last route() of the topic found; null before.
  const protocol::TopicRouteData* known_route(const std::string& topic) const;
  /// The address of a broker name's master in any route seen so far.
  const io::Endpoint* broker(const std::string& name) const;
  /// Broker id → address, as the newest route that names the broker has it; empty before.
  const std::map<std::int64_t, io::Endpoint>& members(const std::string& name) const;
  void after(Milliseconds delay, io::Task task) { executor().run_after(delay, std::move(task)); }

 private:
  void ask_name_server(const std::string& topic, std::size_t tried, RouteDone done);
  void learn(const std::string& topic, const protocol::TopicRouteData& route);

  SimNode& node_;
  const std::vector<io::Endpoint> name_servers_;
  std::size_t favourite_ = 0;
  remoting::Client client_;
  std::map<std::string, protocol::TopicRouteData> routes_;
  std::map<std::string, io::Endpoint> brokers_;
  std::map<std::string, std::map<std::int64_t, io::Endpoint>> members_;
};

}  // namespace ogive::sim
