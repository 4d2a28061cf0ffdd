#pragma once
// Name servers and brokers, whole, on simulated nodes: started, killed, stopped and started again.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "broker/broker.h"
#include "testing/cluster/broker_process.h"
#include "testing/sim_node.h"

namespace ogive::sim {

inline constexpr std::uint16_t kNameServerPort = 9876;

struct ClusterOptions {
  unsigned name_servers = 1;
  unsigned brokers = 1;
  bool slaves = false;                                 ///< Each broker has one.
  unsigned reactors = 1;                               ///< Of every broker.
  std::map<std::string, std::string> broker_settings;  ///< Over the defaults of mqbroker.
  std::map<std::string, std::string> name_server_settings;
  DiskOptions broker_disk;
};

/// Adds nodes "ns-0", …, "broker-0", … and their slaves "broker-0-s", … to the world and runs the real servers on them.
/// Nodes are killed, cut off and restarted through SimNode and SimInternet; a broker that cannot start leaves its node
/// dead and says why. Must outlive the world's run, not the world.
class Cluster {
 public:
  Cluster(SimWorld& world, ClusterOptions options);
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  unsigned broker_count() const { return options_.brokers; }
  unsigned name_server_count() const { return options_.name_servers; }
  SimNode& broker_node(unsigned index) { return *brokers_[index].node; }
  SimNode& name_server_node(unsigned index) { return *name_servers_[index]; }
  SimNode& slave_node(unsigned index) { return *slaves_[index].node; }
  static std::string broker_name(unsigned index) { return "broker-" + std::to_string(index); }
  static std::string name_server_name(unsigned index) { return "ns-" + std::to_string(index); }
  std::vector<io::Endpoint> name_server_endpoints() const;

  /// The running broker; null while its node is dead or it could not start.
  BrokerProcess* broker(unsigned index) { return running(brokers_[index]); }
  BrokerProcess* slave(unsigned index) { return running(slaves_[index]); }
  /// Why the last start of a broker failed; nullopt when it did not.
  const std::optional<Error>& start_failure(unsigned index) const { return brokers_[index].failure; }
  /// Starts a dead broker, leaves a living one.
  void revive_broker(unsigned index) { revive(brokers_[index]); }
  void revive_slave(unsigned index) { revive(slaves_[index]); }

 private:
  struct BrokerSlot {
    SimNode* node = nullptr;
    std::weak_ptr<BrokerProcess> running;  ///< Owned by the node's process.
    std::optional<Error> failure;
  };
  void run_name_server(SimNode& node);
  void add_broker(BrokerSlot& slot, unsigned index, const std::string& role);
  static BrokerProcess* running(const BrokerSlot& slot);
  static void revive(BrokerSlot& slot);

  SimWorld& world_;
  const ClusterOptions options_;
  std::vector<SimNode*> name_servers_;
  std::vector<BrokerSlot> brokers_, slaves_;  ///< Never resized: nodes refer to them.
};

}  // namespace ogive::sim
