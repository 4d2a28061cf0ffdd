#include "testing/sim_task_pool.h"

#include <fmt/core.h>

#include "base/check.h"

namespace ogive::sim {

SimTaskPool::SimTaskPool(SimWorld& world, std::vector<SimExecutor*> threads, std::size_t max_tasks)
    : world_(world),
      random_(world.stream("task pool")),
      threads_(std::move(threads)),
      max_tasks_(max_tasks),
      waiting_(std::make_shared<std::size_t>(0)) {
  OGIVE_CHECK(!threads_.empty());
}

Status SimTaskPool::post(io::Task task) {
  if (*waiting_ >= max_tasks_) {
    return fail(Errc::kLimit, fmt::format("task pool is full: {} tasks wait (simulated)", *waiting_));
  }
  ++*waiting_;
  SimExecutor& thread = *threads_[random_.below(threads_.size())];
  const auto delay_ns = static_cast<std::int64_t>(random_.below(100)) * 1000;
  thread.post_at(world_.now_ns() + delay_ns, [waiting = waiting_, task = std::move(task)]() mutable {
    --*waiting;
    task();
  });
  return {};
}

}  // namespace ogive::sim
