#pragma once
// One thread's worth of work: reactors, the flusher, the blocking lane. Code that takes an Executor runs unchanged on
// an epoll thread and inside the simulated world.

#include <cstdint>
#include <functional>

#include "base/clock.h"
#include "base/strong_int.h"

namespace ogive::io {

using Task = std::move_only_function<void()>;
using TimerId = StrongInt<struct TimerIdTag, std::uint64_t>;

/// Work done once at the end of a turn, however often it was asked for during the turn. A *turn* is one round of an
/// executor: everything that had arrived (sockets, posted tasks, timers) is handled, then the armed hooks run by phase.
/// This is where "batch by arrival" happens: sends of a whole turn are appended by one commit hook, replies of a whole
/// turn leave by one flush hook.
class TurnHook {
 public:
  virtual ~TurnHook() = default;
  virtual void on_turn_end() = 0;

 private:
  friend class TurnHooks;
  bool armed_ = false;
};

/// Hooks of a lower phase run first; a hook may arm hooks of its own or a later phase for the same turn.
enum class TurnPhase : std::uint8_t { kCommit, kFlush };

/// Runs tasks one after another on one thread. Destroying an executor drops tasks and timers that have not run.
class Executor {
 public:
  virtual ~Executor() = default;

  /// Queues `task`; any thread. Tasks of one poster run in the order posted.
  virtual void post(Task task) = 0;
  /// Runs `task` once, no earlier than `delay` from now; some tell only milliseconds apart and run it a little later.
  /// Executor's thread only. Never returns TimerId(0).
  virtual TimerId run_after(Microseconds delay, Task task) = 0;
  /// The task will not run; unknown, finished and zero ids are ignored. Executor's thread only.
  virtual void cancel(TimerId timer) = 0;
  /// Runs `hook` at the end of the current turn; arming it again before that is free. Executor's thread only.
  virtual void at_turn_end(TurnHook& hook, TurnPhase phase) = 0;
  /// Forgets an armed hook (for its destructor). Executor's thread only.
  virtual void disarm(TurnHook& hook) = 0;
  virtual bool on_own_thread() const = 0;
  virtual const Clock& clock() const = 0;
};

}  // namespace ogive::io
