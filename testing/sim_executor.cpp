#include "base/check.h"
#include "testing/sim_world.h"

namespace ogive::sim {

SimExecutor::SimExecutor(SimWorld& world, const Clock& clock, std::string name)
    : world_(world), clock_(clock), name_(std::move(name)), index_(world.next_executor_++) {}

SimExecutor::~SimExecutor() {
  retire();
}

void SimExecutor::post(io::Task task) {
  if (retired_) return;
  const EventHeap::Id id = world_.events_.add(this, std::move(task));
  if (world_.spent_ns_ > 0) {
    world_.events_.schedule(id, world_.now_ns());
  } else {
    world_.enqueue(*this, id);
  }
}

void SimExecutor::post_at(std::int64_t time_ns, io::Task task) {
  if (retired_) return;
  world_.events_.schedule(world_.events_.add(this, std::move(task)), time_ns);
}

io::TimerId SimExecutor::run_after(Microseconds delay, io::Task task) {
  check_thread();
  if (retired_) return io::TimerId(~std::uint64_t{0});
  const EventHeap::Id id = world_.events_.add(this, std::move(task));
  const std::int64_t delay_ns = delay.count() <= 0 ? 0 : delay.count() * 1'000;
  world_.events_.schedule(id, world_.now_ns() + delay_ns);
  return io::TimerId(id);
}

void SimExecutor::cancel(io::TimerId timer) {
  check_thread();
  if (timer.value() == 0 || !world_.events_.live(timer.value())) return;
  OGIVE_CHECK_MSG(world_.events_.owner(timer.value()) == this, "{} cancels a timer of another executor", name_);
  world_.events_.drop(timer.value());
}

void SimExecutor::at_turn_end(io::TurnHook& hook, io::TurnPhase phase) {
  check_thread();
  if (retired_) return;
  hooks_.arm(hook, phase);
  world_.make_ready(*this);
}

void SimExecutor::disarm(io::TurnHook& hook) {
  check_thread();
  hooks_.disarm(hook);
}

bool SimExecutor::on_own_thread() const {
  return retired_ || world_.current_ == this;
}

void SimExecutor::run_here(io::Task task) {
  OGIVE_CHECK_MSG(!retired_, "{} is dead", name_);
  world_.unschedule(*this);
  world_.begin_turn(*this);
  task();
  task = nullptr;
  if (!retired_) hooks_.run();
  world_.end_turn(*this);
}

void SimExecutor::retire() {
  if (retired_) return;
  retired_ = true;
  ready_.clear();
  world_.forget(*this);
}

void SimExecutor::run_turn() {
  turn_.swap(ready_);
  for (std::size_t i = 0; i < turn_.size() && !retired_; ++i) {
    io::Task task = world_.events_.take(turn_[i]);
    if (!task) continue;
    ++world_.events_run_;
    world_.mix(static_cast<std::uint64_t>(world_.now_ns()) * 64 + index_);
    task();
  }
  turn_.clear();
  if (!retired_) hooks_.run();
}

void SimExecutor::check_thread() const {
  OGIVE_CHECK_MSG(retired_ || world_.current_ == nullptr || world_.current_ == this,
                  "a call that belongs to the thread of {} came from {} (seed {})", name_, world_.current_->name(),
                  world_.seed());
}

}  // namespace ogive::sim
