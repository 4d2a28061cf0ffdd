#pragma once
// Chooses disasters from the seed, makes them happen, and repairs everything in the end.

#include <cstdint>
#include <string>
#include <vector>

#include "testing/cluster/cluster.h"
#include "testing/cluster/history.h"

namespace ogive::sim {

/// One world's. plan() before the run; heal() when the chaos is over.
class Nemesis {
 public:
  Nemesis(SimWorld& world, Cluster& cluster, History& history, std::vector<std::string> clients);

  /// Schedules `count` disasters over the next `span`.
  void plan(unsigned count, Milliseconds span);
  /// Ends every disaster: links, disks and processes are well again; brokers whose log failed are restarted.
  void heal();
  /// What happened, one line each, for a failure's report.
  const std::vector<std::string>& story() const { return story_; }

 private:
  using Disaster = void (Nemesis::*)();

  void kill_broker();
  void kill_broker_in_write();
  void stop_broker();
  void kill_name_server();
  void kill_client();
  void cut_clients();
  void cut_name_server();
  void reset_connections();
  void fail_log();
  void fail_other_files();
  void fail_reads();
  void fill_disk();
  void slow_disk();

  unsigned any_broker() { return static_cast<unsigned>(random_.below(cluster_.broker_count())); }
  Milliseconds some_ms(unsigned least, unsigned most) { return Milliseconds(least + random_.below(most - least + 1)); }
  void crash(unsigned broker, bool power);
  void start(unsigned broker);
  void note(std::string what);

  SimWorld& world_;
  Cluster& cluster_;
  History& history_;
  const std::vector<std::string> clients_;
  Random random_;
  bool healed_ = false;
  std::vector<bool> log_failed_;  ///< By broker: only a restart helps.
  std::vector<std::string> story_;
};

}  // namespace ogive::sim
