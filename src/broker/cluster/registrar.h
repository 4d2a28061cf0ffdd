#pragma once
// Keeps the name servers informed of this broker. docs/protocol/name-server.md.

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/settings/settings.h"
#include "broker/cluster/name_server_link.h"
#include "broker/cluster/registration.h"
#include "broker/identity.h"
#include "broker/topic/topic_table.h"
#include "io/network.h"
#include "remoting/client.h"

namespace ogive::broker {

struct RegistrarOptions {
  std::string name_servers;     ///< namesrvAddr: "host:port;host:port", names allowed.
  bool all_addresses = false;   ///< fetchNameSrvAddrByDnsLookup: a name stands for all of its addresses, not for one.
  Milliseconds period{30'000};  ///< registerNameServerPeriod
  Milliseconds heartbeat_period{0};  ///< brokerHeartbeatInterval with enableSlaveActingMaster; 0 sends none.
  LinkOptions link;
  remoting::ClientOptions client;  ///< Read at construction only.
};

/// What the configuration says. Any thread.
RegistrarOptions registrar_options(const settings::Settings& settings);

/// Lives on one executor; functions marked so may be called from any thread. Each name server of the list is registered
/// with on its own (NameServerLink): every period, at once after a change, again after a failure or a lost connection.
/// Host names are looked up at every period, so a name server may move behind its name; while a look-up fails, the
/// addresses found before stay in use. A name with several addresses is one name server, tried at the next address
/// when the present one fails.
class Registrar {
 public:
  Registrar(io::Network& network, io::Executor& executor, TopicTable& topics, const BrokerIdentity& identity,
            RegistrarOptions options);
  ~Registrar();

  /// Told the main and the replication address of the master whenever a name server names them ("" where it does not).
  /// On the executor; set before start().
  using MasterListener = std::function<void(const std::string& address, const std::string& ha_address)>;
  void set_master_listener(MasterListener listener) { on_master_ = std::move(listener); }
  /// On the executor.
  void start();
  /// Topics or the broker's permission changed. Any thread; several calls before the next turn are one registration.
  void register_soon();
  /// Other settings, another list of name servers among them. Servers no longer named are told that we leave. Any
  /// thread.
  void apply(RegistrarOptions options);
  /// Tells every name server that this broker leaves; `done` when all answered or `patience` is over. On the executor.
  void unregister(Milliseconds patience, io::Task done);

  /// How many name servers have our present registration. Any thread.
  std::size_t registered_count() const { return registered_.load(std::memory_order_relaxed); }

 private:
  /// One entry of the list.
  struct Name {
    std::string host;
    std::uint16_t port = 0;
    std::vector<io::Endpoint> addresses;  ///< As last looked up.
    std::size_t choice = 0;               ///< Which of them, when one stands for all.
  };

  void read_list();
  void tick();
  void beat();
  void look_up_all();
  void on_looked_up(const std::string& host, std::uint16_t port, Result<std::vector<io::Endpoint>> found);
  /// Makes links for the servers wanted and ends the others.
  void reconcile();
  void add_link(const io::Endpoint& server);
  void drop_link(NameServerLink& link);
  void on_registered(const protocol::Frame& reply);
  void on_failed(const io::Endpoint& server);
  void count_registered();
  void schedule_look_up();

  io::Network& network_;
  io::Executor& executor_;
  TopicTable& topics_;
  RegistrarOptions options_;
  Registration registration_;
  remoting::Client client_;
  std::vector<Name> names_;
  std::map<std::string, std::unique_ptr<NameServerLink>> links_;  ///< By address text.
  MasterListener on_master_;
  RateLimit look_ups_logged_;
  io::TimerId period_timer_, beat_timer_, look_up_timer_;
  bool running_ = false;
  std::atomic<bool> posted_{false};
  std::atomic<std::size_t> registered_{0};
  std::shared_ptr<bool> alive_ =
      std::make_shared<bool>(true);  ///< Shared with posts and look-ups that may come after us.
};

}  // namespace ogive::broker
