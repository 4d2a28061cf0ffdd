#pragma once
// This broker's part in its replica group: gives its log to slaves, or takes its master's.

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/settings/settings.h"
#include "io/network.h"
#include "io/task_pool.h"
#include "protocol/bodies/ha_status.h"
#include "replication/master_link.h"
#include "replication/master_port.h"
#include "store/message_store.h"

namespace ogive::broker {

/// What it runs on; outlives it. `executor` carries the replication connections.
struct ReplicationEnvironment {
  io::Network& network;
  io::Executor& executor;
  io::TaskPool& blocking;
  store::MessageStore& store;
};

/// Exactly one of a master's port and a slave's link, by brokerRole. Any thread unless said otherwise.
class Replication {
 public:
  /// kInvalidArgument names the key and the value that cannot be meant.
  static Result<std::unique_ptr<Replication>> make(const ReplicationEnvironment& environment,
                                                   const settings::Settings& settings);

  bool is_slave() const { return link_ != nullptr; }
  /// Who a send may wait for; null on a slave.
  const replication::ReplicaSet* replicas() const { return port_ ? &port_->replicas() : nullptr; }
  /// On a master: sends at once what the turn has appended so far. On the executor.
  void send_grown() {
    if (port_) port_->send_grown();
  }
  /// Null on a master.
  replication::MasterLink* link() { return link_.get(); }

  /// A master begins to listen at `local`; a slave with haMasterAddress begins to connect. Once.
  Status start(const io::Endpoint& local);
  /// The replication address of the master, as the name server knows it; ignored when haMasterAddress is set.
  void learn_master(const std::string& address);
  /// Lets a slave wait with its connection, whatever master it learns, until release(). Before start().
  void hold();
  void release();  ///< Any thread; more than once does no harm.
  /// Settings changed.
  void apply(const settings::Settings& settings);
  /// Ends every replication connection. On the executor.
  void stop();

  /// Body of GET_BROKER_HA_STATUS (907).
  protocol::HARuntimeInfo status() const;

 private:
  explicit Replication(const ReplicationEnvironment& environment) : environment_(environment) {}
  void set_master(const std::string& address);

  const ReplicationEnvironment environment_;
  std::string fixed_master_;  ///< haMasterAddress
  std::unique_ptr<replication::MasterPort> port_;
  std::unique_ptr<replication::MasterLink> link_;
  std::mutex mutex_;
  bool held_ = false;  ///< Under mutex_, as the next.
  std::string waits_;  ///< The master that is followed at release().
};

}  // namespace ogive::broker
