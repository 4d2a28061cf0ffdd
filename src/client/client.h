#pragma once
// Ogive's own small client: asks name servers and brokers, sends and pulls. For the command line, for brokers among
// each other, and for tests in the simulated world. No background work of its own: no heartbeats, no route cache, no
// rebalancing; each call is one request.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "client/address.h"
#include "client/messages.h"
#include "client/reply.h"
#include "client/unique_id.h"
#include "io/network.h"
#include "protocol/bodies/route.h"
#include "remoting/client.h"

namespace ogive::client {

struct ClientOptions {
  std::vector<HostPort> name_servers;  ///< From parse_address_list; may stay empty when only brokers are asked.
  Milliseconds timeout{3'000};         ///< Of one request to one peer, connecting included.
  std::uint64_t seed = 0;              ///< Tells the unique ids of several clients of one process apart.
  remoting::ClientOptions remoting = {};
};

/// Lives on one executor; every call there (or while it does not run), every `done` there. Addresses are texts,
/// "host:port", looked up anew for each call when they hold a name. A peer that cannot be reached is kIo, kClosed or
/// kTimeout and names the address. Destroying the client drops what is under way.
class Client {
 public:
  /// `table` answers the peers' own requests (broker → client calls); without it they are told "not supported".
  Client(io::Network& network, io::Executor& executor, ClientOptions options,
         const remoting::HandlerTable* table = nullptr);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// One request to one peer, any code; the reply may be a refusal (Reply::ok).
  void call(std::string_view address, remoting::Message request, Done<Reply> done);
  /// The same with another timeout, for long polls and slow work.
  void call(std::string_view address, remoting::Message request, Milliseconds timeout, Done<Reply> done);
  /// Sends and expects no answer; what cannot be sent is lost.
  void call_one_way(std::string_view address, remoting::Message request);
  /// Asks the name servers one after another, beginning with the last that answered, until one answers; the error is
  /// the last one's. A refusal is an answer.
  void call_name_server(remoting::Message request, Done<Reply> done);
  const std::vector<HostPort>& name_servers() const { return options_.name_servers; }

  /// GET_ROUTEINFO_BY_TOPIC (105); kNotFound when no broker has the topic.
  void route(std::string_view topic, Done<protocol::TopicRouteData> done);
  /// GET_BROKER_CLUSTER_INFO (106).
  void cluster(Done<protocol::ClusterInfo> done);

  /// SEND_MESSAGE (10) to a broker; messages without a UNIQ_KEY get one. A message that was stored but not yet flushed
  /// or replicated in time is a SendResult with that status, anything else but success is an error.
  void send(std::string_view address, OutgoingMessage message, Done<SendResult> done);
  /// PULL_MESSAGE (11); the timeout grows by the time the broker may keep the request.
  void pull(std::string_view address, const PullRequest& request, Done<PullResult> done);

 private:
  struct Round;

  void send_to(const HostPort& address, remoting::Message request, Milliseconds timeout, Done<Reply> done);
  void request(const io::Endpoint& remote, std::string address, remoting::Message message, Milliseconds timeout,
               Done<Reply> done);
  void next_name_server(std::shared_ptr<Round> round);
  /// Runs `use` with the endpoint behind `address`, now or after a look-up.
  void with_endpoint(const HostPort& address, Done<io::Endpoint> use);

  io::Network& network_;
  io::Executor& executor_;
  const ClientOptions options_;
  std::size_t current_name_server_ = 0;
  UniqueIds unique_ids_;
  remoting::Client remoting_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< Look-ups may end after us.
};

}  // namespace ogive::client
