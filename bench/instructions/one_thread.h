#pragma once
// One thread that is every executor of a server, driven step by step: what runs when is the same in every run.

#include <deque>
#include <map>
#include <utility>

#include "io/executor.h"
#include "io/task_pool.h"
#include "io/turn_hooks.h"

namespace ogive::bench {

/// Time that passes only when told to.
class StoppedClock final : public Clock {
 public:
  std::int64_t wall_ms() const override { return kStartMs + now_ns_ / 1'000'000; }
  std::int64_t monotonic_ns() const override { return kStartMs * 1'000'000 + now_ns_; }
  void advance(Milliseconds step) { now_ns_ += std::int64_t{step.count()} * 1'000'000; }

 private:
  static constexpr std::int64_t kStartMs = 1'800'000'000'000;
  std::int64_t now_ns_ = 0;
};

/// Runs what it was given when turn() is called. The caller's thread only.
class OneThread final : public io::Executor {
 public:
  explicit OneThread(const StoppedClock& clock) : clock_(clock) {}

  void post(io::Task task) override { tasks_.push_back(std::move(task)); }
  io::TimerId run_after(Microseconds delay, io::Task task) override {
    const io::TimerId id(++last_timer_);
    const std::int64_t delay_ms = std::chrono::ceil<Milliseconds>(delay).count();
    timers_.emplace(std::pair(clock_.monotonic_ms() + delay_ms, id), std::move(task));
    return id;
  }
  void cancel(io::TimerId timer) override {
    std::erase_if(timers_, [&](const auto& entry) { return entry.first.second == timer; });
  }
  void at_turn_end(io::TurnHook& hook, io::TurnPhase phase) override { hooks_.arm(hook, phase); }
  void disarm(io::TurnHook& hook) override { hooks_.disarm(hook); }
  bool on_own_thread() const override { return true; }
  const Clock& clock() const override { return clock_; }

  /// What was posted before the call, then the hooks.
  void turn() {
    for (std::size_t left = tasks_.size(); left > 0; --left) {
      io::Task task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
    }
    hooks_.run();
  }
  /// Timers that are due, and turns until nothing is left to do.
  void settle() {
    do {
      while (!timers_.empty() && timers_.begin()->first.first <= clock_.monotonic_ms()) {
        io::Task task = std::move(timers_.begin()->second);
        timers_.erase(timers_.begin());
        task();
      }
      turn();
    } while (!tasks_.empty());
  }
  bool idle() const { return tasks_.empty(); }

 private:
  const StoppedClock& clock_;
  std::deque<io::Task> tasks_;
  std::map<std::pair<std::int64_t, io::TimerId>, io::Task> timers_;
  std::uint64_t last_timer_ = 0;
  io::TurnHooks hooks_;
};

/// A pool whose threads are a OneThread.
class OneThreadPool final : public io::TaskPool {
 public:
  explicit OneThreadPool(OneThread& thread) : thread_(thread) {}
  Status post(io::Task task) override {
    thread_.post(std::move(task));
    return {};
  }

 private:
  OneThread& thread_;
};

}  // namespace ogive::bench
