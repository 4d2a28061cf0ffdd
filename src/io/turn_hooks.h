#pragma once
// The armed end-of-turn hooks of one executor; shared by every Executor implementation.

#include <array>
#include <vector>

#include "io/executor.h"

namespace ogive::io {

/// One executor's thread only.
class TurnHooks {
 public:
  void arm(TurnHook& hook, TurnPhase phase) {
    if (hook.armed_) return;
    hook.armed_ = true;
    armed_[static_cast<std::size_t>(phase)].push_back(&hook);
  }

  void disarm(TurnHook& hook) {
    if (!hook.armed_) return;
    hook.armed_ = false;
    for (auto& phase : armed_) std::erase(phase, &hook);
    for (auto*& running : running_) {
      if (running == &hook) running = nullptr;
    }
  }

  bool empty() const { return armed_[0].empty() && armed_[1].empty(); }

  /// Runs every armed hook, phase by phase, including those armed by hooks while it runs. A flush hook that arms a
  /// commit hook starts another round.
  void run() {
    while (!empty()) {
      auto& phase = armed_[0].empty() ? armed_[1] : armed_[0];
      running_.swap(phase);
      for (std::size_t i = 0; i < running_.size(); ++i) {
        TurnHook* hook = running_[i];
        if (hook == nullptr) continue;
        hook->armed_ = false;
        hook->on_turn_end();
      }
      running_.clear();
    }
  }

 private:
  std::array<std::vector<TurnHook*>, 2> armed_;
  std::vector<TurnHook*> running_;
};

}  // namespace ogive::io
