#include "testing/sim_world.h"

#include <algorithm>

#include "base/check.h"
#include "testing/sim_network.h"
#include "testing/sim_node.h"

namespace ogive::sim {

std::int64_t SimClock::wall_ms() const {
  return world_.wall_start_ms() + world_.now_ms() + offset_ms_;
}
std::int64_t SimClock::monotonic_ns() const {
  // An origin of one second: code that takes 0 for "never" must not work by accident.
  return 1'000'000'000 + world_.now_ns();
}

SimWorld::SimWorld(std::uint64_t seed, std::int64_t wall_start_ms)
    : seed_(seed),
      wall_start_ms_(wall_start_ms),
      random_(stream("test")),
      order_(stream("order")),
      clock_(*this),
      trace_hash_(seed),
      internet_(std::make_unique<SimInternet>(*this)) {}

SimWorld::~SimWorld() {
  for (auto& node : nodes_) node->kill();
  run_quiet_tasks();
  events_.clear();
}

Random SimWorld::stream(std::string_view label) const {
  std::uint64_t state = seed_ ^ 0xcbf29ce484222325ULL;
  for (const char c : label) state = (state ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return Random(Random(state).next());
}

SimNode& SimWorld::add_node(const std::string& name) {
  return add_node(name, NodeOptions{});
}

SimNode& SimWorld::add_node(const std::string& name, const NodeOptions& options) {
  nodes_.push_back(std::make_unique<SimNode>(*this, name, options));
  return *nodes_.back();
}

SimNode& SimWorld::node(std::string_view name) {
  const auto found = std::ranges::find_if(nodes_, [&](const auto& node) { return node->name() == name; });
  OGIVE_CHECK_MSG(found != nodes_.end(), "no node named {}", name);
  return **found;
}

void SimWorld::at_ns(std::int64_t time_ns, io::Task task) {
  events_.schedule(events_.add(nullptr, std::move(task)), std::max(time_ns, now_ns_));
}

void SimWorld::when_quiet(io::Task task) {
  if (current_ == nullptr) {
    task();
  } else {
    quiet_.push_back(std::move(task));
  }
}

void SimWorld::run_quiet_tasks() {
  while (!quiet_.empty()) {
    std::vector<io::Task> tasks;
    tasks.swap(quiet_);
    for (auto& task : tasks) task();
  }
}

void SimWorld::mix(std::uint64_t fact) {
  trace_hash_ = Random(trace_hash_ ^ fact).next();
}

void SimWorld::spend(std::int64_t ns) {
  if (current_ != nullptr) spent_ns_ += ns;
}

bool SimWorld::run_until_idle(Milliseconds limit) {
  const std::int64_t end = now_ns_ + limit.count() * 1'000'000;
  while (step(end)) {
  }
  if (!events_.next_time()) return true;
  now_ns_ = end;
  return false;
}

void SimWorld::run_for(Milliseconds span) {
  const std::int64_t end = now_ns_ + span.count() * 1'000'000;
  while (step(end)) {
  }
  now_ns_ = end;
  steps_at_instant_ = 0;
}

bool SimWorld::run_until(const std::function<bool()>& done, Milliseconds limit) {
  const std::int64_t end = now_ns_ + limit.count() * 1'000'000;
  while (!done()) {
    if (step(end)) continue;
    now_ns_ = end;
    return done();
  }
  return true;
}

bool SimWorld::step(std::int64_t limit_ns) {
  OGIVE_CHECK_MSG(current_ == nullptr, "the world cannot be run from inside an event (of {})", current_->name());
  if (!ready_.empty()) {
    run_ready_executor();
    return true;
  }
  const auto next = events_.next_time();
  if (!next || *next > limit_ns) return false;
  if (*next > now_ns_) {
    now_ns_ = *next;
    steps_at_instant_ = 0;
  }
  run_due_events();
  return true;
}

void SimWorld::run_due_events() {
  for (auto next = events_.next_time(); next && *next <= now_ns_; next = events_.next_time()) {
    const EventHeap::Id id = events_.pop();
    if (SimExecutor* owner = events_.owner(id)) {
      enqueue(*owner, id);
      continue;
    }
    check_progress();
    ++events_run_;
    mix(static_cast<std::uint64_t>(now_ns_) * 64);
    io::Task task = events_.take(id);
    task();
  }
}

void SimWorld::run_ready_executor() {
  check_progress();
  const std::size_t pick = ready_.size() == 1 ? 0 : order_.below(ready_.size());
  SimExecutor& executor = *ready_[pick];
  ready_[pick] = ready_.back();
  ready_.pop_back();
  begin_turn(executor);
  executor.run_turn();
  end_turn(executor);
}

void SimWorld::begin_turn(SimExecutor& executor) {
  OGIVE_CHECK(current_ == nullptr);
  current_ = &executor;
  executor.scheduled_ = true;
  ++executor.turns_;
  spent_ns_ = 0;
}

void SimWorld::end_turn(SimExecutor& executor) {
  current_ = nullptr;
  executor.busy_until_ns_ = now_ns_ + spent_ns_;
  spent_ns_ = 0;
  executor.scheduled_ = false;
  if (!executor.retired_ && (!executor.ready_.empty() || !executor.hooks_.empty())) make_ready(executor);
  run_quiet_tasks();
}

void SimWorld::enqueue(SimExecutor& executor, EventHeap::Id id) {
  executor.ready_.push_back(id);
  make_ready(executor);
}

void SimWorld::make_ready(SimExecutor& executor) {
  if (executor.scheduled_) return;
  executor.scheduled_ = true;
  if (executor.busy_until_ns_ <= now_ns_) {
    ready_.push_back(&executor);
    return;
  }
  executor.wake_ = events_.add(nullptr, [this, &executor] {
    executor.wake_ = 0;
    ready_.push_back(&executor);
  });
  events_.schedule(executor.wake_, executor.busy_until_ns_);
}

void SimWorld::unschedule(SimExecutor& executor) {
  std::erase(ready_, &executor);
  if (executor.wake_ != 0) events_.drop(executor.wake_);
  executor.wake_ = 0;
}

void SimWorld::forget(SimExecutor& executor) {
  unschedule(executor);
  events_.drop_all_of(&executor);
}

void SimWorld::check_progress() {
  OGIVE_CHECK_MSG(++steps_at_instant_ < 5'000'000, "virtual time stands still at {} ns (seed {}): a task posts itself",
                  now_ns_, seed_);
}

}  // namespace ogive::sim
