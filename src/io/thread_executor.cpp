#include "io/thread_executor.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/thread_name.h"

namespace ogive::io {
namespace {
thread_local const ThreadExecutor* t_current = nullptr;
}  // namespace

ThreadExecutor::ThreadExecutor(std::string thread_name, const Clock& clock)
    : clock_(clock), thread_([this, name = std::move(thread_name)] { run(name); }) {}

ThreadExecutor::~ThreadExecutor() {
  stop();
  // What a task owns may post again while it goes.
  for (;;) {
    std::vector<Task> dropped = timers_.take_all();
    if (dropped.empty()) {
      const std::scoped_lock lock(mutex_);
      dropped.swap(inbox_);
    }
    if (dropped.empty()) return;
  }
}

void ThreadExecutor::stop() {
  OGIVE_CHECK(!on_own_thread());
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  work_.notify_one();
  if (thread_.joinable()) thread_.join();
}

bool ThreadExecutor::on_own_thread() const {
  return t_current == this;
}

void ThreadExecutor::post(Task task) {
  bool was_empty;
  {
    const std::scoped_lock lock(mutex_);
    was_empty = inbox_.empty();
    inbox_.push_back(std::move(task));
  }
  if (was_empty && !on_own_thread()) work_.notify_one();
}

TimerId ThreadExecutor::run_after(Microseconds delay, Task task) {
  OGIVE_CHECK(on_own_thread() || ended_.load(std::memory_order_acquire));
  const std::int64_t delay_ns = std::chrono::nanoseconds(std::max(delay, Microseconds(0))).count();
  return timers_.add(clock_.monotonic_ns() + delay_ns, std::move(task));
}

void ThreadExecutor::cancel(TimerId timer) {
  OGIVE_CHECK(on_own_thread() || ended_.load(std::memory_order_acquire));
  const Task dropped = timers_.remove(timer);
}

bool ThreadExecutor::wait(std::vector<Task>& tasks) {
  std::unique_lock lock(mutex_);
  while (inbox_.empty() && !stopping_) {
    if (timers_.empty()) {
      work_.wait(lock);
      continue;
    }
    const std::int64_t left_ns = timers_.next_deadline_ns() - clock_.monotonic_ns();
    if (left_ns <= 0) break;
    work_.wait_for(lock, std::chrono::nanoseconds(left_ns));
  }
  tasks.swap(inbox_);
  if (!stopping_) return true;
  inbox_.swap(tasks);
  return false;
}

void ThreadExecutor::run(const std::string& thread_name) {
  set_thread_name(thread_name);
  t_current = this;
  std::vector<Task> tasks;
  while (wait(tasks)) {
    for (Task& task : tasks) std::exchange(task, Task())();
    tasks.clear();
    if (!timers_.empty()) {
      const std::int64_t now = clock_.monotonic_ns();
      const std::uint64_t before = timers_.next_sequence();
      while (std::optional<Task> task = timers_.take_due(now, before)) (*task)();
    }
    hooks_.run();
  }
  t_current = nullptr;
  ended_.store(true, std::memory_order_release);
}

}  // namespace ogive::io
