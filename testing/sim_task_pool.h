#pragma once
// A TaskPool whose threads are simulated executors.

#include <memory>
#include <string>
#include <vector>

#include "io/task_pool.h"
#include "testing/sim_world.h"

namespace ogive::sim {

/// Runs each task as an event of one of its executors, after a short random delay, so that tasks overtake each other as
/// on real threads. Bounded as the real one: kLimit when `max_tasks` wait.
class SimTaskPool final : public io::TaskPool {
 public:
  SimTaskPool(SimWorld& world, std::vector<SimExecutor*> threads, std::size_t max_tasks = 10'000);

  Status post(io::Task task) override;
  std::size_t waiting() const { return *waiting_; }

 private:
  SimWorld& world_;
  Random random_;
  const std::vector<SimExecutor*> threads_;
  const std::size_t max_tasks_;
  std::shared_ptr<std::size_t> waiting_;  ///< Shared with tasks, which may outlive the pool in the event queue.
};

}  // namespace ogive::sim
