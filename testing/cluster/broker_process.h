#pragma once
// What `mqbroker` is on a simulated node: the real broker with its settings, and the orderly stop of SIGTERM.

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/settings/settings.h"
#include "broker/broker.h"
#include "testing/sim_node.h"

namespace ogive::sim {

inline constexpr std::uint16_t kBrokerPort = 10911;

/// Lives as long as the process on its node. Everything on the world's thread.
class BrokerProcess {
 public:
  /// On reactor 0 of `node`, inside its program. The error is why the broker did not open or start.
  static Result<std::shared_ptr<BrokerProcess>> start(SimNode& node,
                                                      const std::map<std::string, std::string>& settings);
  ~BrokerProcess();

  broker::Broker& broker() { return *broker_; }
  settings::Settings& settings() { return settings_; }
  bool alive() const { return alive_ && node_.alive() && node_.starts() == start_number_; }

  /// SIGTERM, as apps/ogive does it: the broker leaves, delivery ends, connections close (at most 600 ms are waited),
  /// threads stop, the store is closed, the process exits; then `done` hears how that went, in no event.
  void stop(std::move_only_function<void(Status)> done);

 private:
  explicit BrokerProcess(SimNode& node);
  void wait_for_connections(std::int64_t deadline_ms);

  SimNode& node_;
  const unsigned start_number_;
  bool alive_ = true;
  settings::Settings settings_;
  std::unique_ptr<broker::Broker> broker_;
  std::move_only_function<void(Status)> stopped_;
};

}  // namespace ogive::sim
