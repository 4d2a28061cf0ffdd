#pragma once
// The name server: its parts put together on given reactors, network and files. Owns no threads.

#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "base/settings/settings.h"
#include "io/file.h"
#include "io/network.h"
#include "io/task_pool.h"
#include "namesrv/config_store.h"
#include "namesrv/departure_batch.h"
#include "namesrv/handlers/handlers.h"
#include "namesrv/kv_config.h"
#include "namesrv/readiness.h"
#include "namesrv/route_table.h"
#include "remoting/client.h"
#include "remoting/server.h"

namespace ogive::namesrv {

/// Everything outside of it; outlives the server.
struct Environment {
  io::Network& network;
  std::span<io::Executor* const> reactors;
  io::TaskPool& blocking;
  io::FileSystem& files;
};

/// Construct, start, stop, let the reactors run until connection_count() is 0 or patience ends, stop the reactors,
/// destroy.
class NameServer {
 public:
  /// `settings` has the scopes of namesrv_scopes().
  NameServer(const Environment& environment, settings::Settings& settings);
  ~NameServer();
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;

  /// Loads the KV table and listens at bindAddress:listenPort. The error names file or address.
  Status start();
  /// Closes the listener and every connection. Any thread; the closing itself happens on the reactors.
  void stop();

  /// Where it listens; after start().
  const io::Endpoint& endpoint() const { return endpoint_; }
  std::size_t connection_count() const { return server_.connection_count(); }
  const RouteTable& routes() const { return routes_; }
  const remoting::HandlerTable& handlers() const { return handlers_; }

 private:
  Services make_services();
  void apply_settings();
  void watch_brokers();
  void schedule_scan();
  void scan();
  void notify(MinBrokerNotice notice);
  void send_notice(const std::string& recipient, const remoting::Message& message);

  const Environment environment_;
  settings::Settings& settings_;
  io::Executor& home_;  ///< The reactor of the expiry timer and of outgoing connections.
  KvConfig kv_;
  RouteTable routes_;
  ConfigStore config_;
  Readiness readiness_;
  remoting::Server server_;
  remoting::Client client_;
  std::vector<std::unique_ptr<DepartureBatch>> departures_;  ///< By reactor.
  Services services_;
  const remoting::HandlerTable handlers_;
  io::Endpoint endpoint_;
  std::atomic<bool> watching_{false};
  std::atomic<bool> stopped_{false};
  io::TimerId scan_timer_;  ///< On home_.
};

}  // namespace ogive::namesrv
