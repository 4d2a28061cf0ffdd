#pragma once
// Keeps posted tasks from touching an owner that is gone.

#include <memory>
#include <mutex>
#include <utility>

#include "io/executor.h"

namespace ogive::store {

/// Owned by an object that posts tasks about itself to an executor it does not own. `guard` wraps such a task: it runs
/// with the gate locked and only while the gate is open. close() waits for a running task and keeps all later ones out.
/// A task must not close its own gate. Thread-safe.
class TaskGate {
 public:
  ~TaskGate() { close(); }

  template <class Function>
  io::Task guard(Function function) {
    return [state = state_, function = std::move(function)]() mutable {
      const std::lock_guard lock(state->mutex);
      if (state->open) function();
    };
  }

  void close() {
    const std::lock_guard lock(state_->mutex);
    state_->open = false;
  }

 private:
  struct State {
    std::mutex mutex;
    bool open = true;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();  ///< Shared with tasks that may outlive the owner.
};

}  // namespace ogive::store
