#pragma once
// Keeps the name servers informed: who this broker is and which topics it has. REGISTER_BROKER (103), UNREGISTER_BROKER
// (104).

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "broker/identity.h"
#include "broker/topic/topic_table.h"
#include "io/network.h"
#include "remoting/client.h"

namespace ogive::broker {

struct RegistrarOptions {
  std::string name_servers;                ///< "host:port;host:port", names allowed.
  std::string ha_address;                  ///< brokerIP2:haListenPort
  Milliseconds period{30'000};             ///< registerNameServerPeriod
  Milliseconds timeout{24'000};            ///< registerBrokerTimeoutMills
  std::int64_t not_active_timeout_ms = 0;  ///< Sent as heartbeatTimeoutMillis when positive.
};

/// Lives on one executor; functions marked so may be called from any thread. Every name server of the list is
/// registered with on its own: each period, at once after a topic change, and soon after a failure or a lost
/// connection.
class Registrar {
 public:
  Registrar(io::Network& network, io::Executor& executor, TopicTable& topics, const BrokerIdentity& identity,
            RegistrarOptions options);
  ~Registrar();

  /// On the executor.
  void start();
  /// Topics or the broker's permission changed. Any thread; several calls before the next turn are one registration.
  void register_soon();
  /// Another list of name servers. Any thread.
  void set_name_servers(std::string name_servers);
  /// Tells every name server that this broker leaves; `done` when all answered or `patience` is over. On the executor.
  void unregister(Milliseconds patience, io::Task done);

  /// How many name servers took the last registration. Any thread.
  std::size_t registered_count() const { return registered_.load(std::memory_order_relaxed); }

 private:
  void tick();
  void register_with_all();
  void for_each_server(std::move_only_function<void(const io::Endpoint&)> visit);
  void on_resolved(const std::string& host, const Result<std::vector<io::Endpoint>>& found,
                   std::move_only_function<void(const io::Endpoint&)>& visit);
  void register_with(const io::Endpoint& server, const remoting::Message& message);
  void on_registered(const io::Endpoint& server, Result<const protocol::Frame*> reply);
  void retry_soon();
  remoting::Message registration() const;
  remoting::Message unregistration() const;

  io::Network& network_;
  io::Executor& executor_;
  TopicTable& topics_;
  const BrokerIdentity& identity_;
  RegistrarOptions options_;
  remoting::Client client_;
  io::TimerId period_timer_;
  io::TimerId retry_timer_;
  std::int64_t retry_ms_ = 1'000;
  bool running_ = false;
  std::atomic<bool> posted_{false};
  std::atomic<std::size_t> registered_{0};
  std::shared_ptr<bool> alive_ =
      std::make_shared<bool>(true);  ///< Shared with posts and replies that may come after us.
};

/// Splits "a:9876;b:9877" into host and port pairs; kInvalidArgument names the piece that is none.
Result<std::vector<std::pair<std::string, std::uint16_t>>> parse_name_servers(std::string_view text);

}  // namespace ogive::broker
