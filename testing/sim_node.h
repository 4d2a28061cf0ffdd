#pragma once
// One simulated machine with one process on it: executors, network, disk and clock in a bundle that can be killed.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "testing/sim_disk.h"
#include "testing/sim_file_system.h"
#include "testing/sim_network.h"
#include "testing/sim_task_pool.h"
#include "testing/sim_world.h"

namespace ogive::sim {

struct NodeOptions {
  unsigned reactors = 1;
  unsigned pool_threads = 2;
  std::string address;  ///< "" takes the next of 10.0.0.0/24.
  DiskOptions disk = {};
};

/// A machine. Its disk outlives processes; executors, network and file system belong to a process and are new after
/// every restart, so take them from the node inside the program, never before.
class SimNode {
 public:
  /// Builds what runs on the node, on reactor 0, and returns what owns it. It is destroyed when the process dies, after
  /// everything it could still touch has become inert. A shared_ptr<void> because it remembers how to destroy any type.
  using Program = std::function<std::shared_ptr<void>(SimNode&)>;

  SimNode(SimWorld& world, const std::string& name, const NodeOptions& options);
  ~SimNode();
  SimNode(const SimNode&) = delete;
  SimNode& operator=(const SimNode&) = delete;

  const std::string& name() const { return name_; }
  io::Endpoint endpoint(std::uint16_t port = 0) const { return world_.internet().address(name_, port); }
  SimWorld& world() { return world_; }
  SimDisk& disk() { return disk_; }
  SimClock& clock() { return clock_; }
  /// Chance for programs of this node.
  Random& random() { return random_; }

  // Of the running process; the node must be alive.
  SimExecutor& reactor(std::size_t index = 0) { return *process().reactors.at(index); }
  std::vector<io::Executor*> reactors();
  SimExecutor& flusher() { return *process().flusher; }
  SimExecutor& background() { return *process().background; }
  SimExecutor& delivery() { return *process().delivery; }
  SimTaskPool& tasks() { return *process().tasks; }
  SimNetwork& network() { return *process().network; }
  SimFileSystem& files() { return *process().files; }

  /// Starts `program` with the next turn of reactor 0, and again after every restart().
  void run(Program program);
  /// `kill -9`: tasks, timers and sockets are gone at once (peers hear of it later), what was written stays in the page
  /// cache. From inside an event of the node itself, that event still runs to its end, without effect on anything.
  void kill();
  /// The machine loses power: as kill(), but peers hear nothing, and the disk forgets what was not synced.
  void power_loss();
  /// The process ends in order: its threads stop, `last` (what main does after joining them, blocking calls included)
  /// runs, then it exits as by kill(). From inside an event: once that event has ended.
  void exit(io::Task last);
  /// Starts a new process with the program of run(); kills a living one first.
  void restart();
  /// kill() or power_loss() when the disk is about to make its `changes`-th change from now on.
  void kill_at_disk_change(std::uint64_t changes, bool power);
  bool alive() const { return process_ != nullptr; }
  unsigned starts() const { return starts_; }

 private:
  struct Process {
    std::vector<std::unique_ptr<SimExecutor>> reactors;
    std::unique_ptr<SimExecutor> flusher;
    std::unique_ptr<SimExecutor> background;
    std::unique_ptr<SimExecutor> delivery;
    std::unique_ptr<SimExecutor> main;  ///< Outlives the other threads in an orderly exit.
    std::vector<std::unique_ptr<SimExecutor>> pool;
    std::unique_ptr<SimTaskPool> tasks;
    std::unique_ptr<SimNetwork> network;
    std::unique_ptr<SimFileSystem> files;
    std::shared_ptr<void> program;
  };
  Process& process();
  void start_process();
  static void retire(Process& process);
  void stop(bool power_lost);

  SimWorld& world_;
  const std::string name_;
  const NodeOptions options_;
  const std::uint32_t host_;
  SimDisk disk_;
  SimClock clock_;
  Random random_;
  Program program_;
  unsigned starts_ = 0;
  std::unique_ptr<Process> process_;
  /// Dead processes: inert, but what a test still holds may point into them.
  std::vector<std::unique_ptr<Process>> graveyard_;
};

}  // namespace ogive::sim
