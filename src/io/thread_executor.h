#pragma once
// An executor without sockets: a plain thread, for lanes that block (flusher, background work).

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "io/executor.h"
#include "io/timer_heap.h"
#include "io/turn_hooks.h"

namespace ogive::io {

/// Runs from construction to stop(). A turn is: the tasks posted so far, due timers, hooks. Thread rules as in
/// Executor. stop() and the destructor wait for the turn under way; what has not begun is dropped on the stopping
/// thread.
class ThreadExecutor final : public Executor {
 public:
  explicit ThreadExecutor(std::string thread_name, const Clock& clock = system_clock());
  ~ThreadExecutor() override;
  ThreadExecutor(const ThreadExecutor&) = delete;
  ThreadExecutor& operator=(const ThreadExecutor&) = delete;

  /// Ends the thread; not from the thread itself. Later posts are kept unrun until destruction.
  void stop();

  void post(Task task) override;
  TimerId run_after(Microseconds delay, Task task) override;
  void cancel(TimerId timer) override;
  void at_turn_end(TurnHook& hook, TurnPhase phase) override { hooks_.arm(hook, phase); }
  void disarm(TurnHook& hook) override { hooks_.disarm(hook); }
  bool on_own_thread() const override;
  const Clock& clock() const override { return clock_; }

 private:
  void run(const std::string& thread_name);
  /// Waits until there is work; false when stopping. Swaps the inbox into `tasks`.
  bool wait(std::vector<Task>& tasks);

  const Clock& clock_;
  TimerHeap timers_;
  TurnHooks hooks_;
  std::mutex mutex_;
  std::condition_variable work_;
  std::vector<Task> inbox_;  ///< Under mutex_.
  bool stopping_ = false;    ///< Under mutex_.
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

}  // namespace ogive::io
