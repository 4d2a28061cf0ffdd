#pragma once
// One thread, one seed, virtual time: the world in which a whole cluster runs as a deterministic sequence of events.
//
// A world holds nodes (testing/sim_node.h), the network between them (testing/sim_network.h) and the queue of what is
// to happen. Nothing happens by itself: run_for(), run_until() and run_until_idle() let virtual time pass. The same
// seed and the same calls give the same run, event by event: trace_hash() proves it.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "io/executor.h"
#include "io/turn_hooks.h"
#include "testing/event_heap.h"

namespace ogive::sim {

class SimWorld;
class SimNode;
class SimInternet;
struct NodeOptions;

/// Virtual time as one node sees it. The wall clock can be stepped; the monotonic one only follows the world.
class SimClock final : public Clock {
 public:
  explicit SimClock(const SimWorld& world) : world_(world) {}
  std::int64_t wall_ms() const override;
  std::int64_t monotonic_ns() const override;
  /// Jumps the wall clock, also backwards.
  void step_wall(Milliseconds by) { offset_ms_ += by.count(); }

 private:
  const SimWorld& world_;
  std::int64_t offset_ms_ = 0;
};

/// One simulated thread. What is ready when a turn begins makes up the turn; what is posted meanwhile belongs to the
/// next turn, at the same instant. Calls that belong to the executor's thread are checked: from another executor's task
/// they abort; from the test itself (no task running) they are allowed, as set-up before threads start.
class SimExecutor final : public io::Executor {
 public:
  SimExecutor(SimWorld& world, const Clock& clock, std::string name);
  ~SimExecutor() override;
  SimExecutor(const SimExecutor&) = delete;
  SimExecutor& operator=(const SimExecutor&) = delete;

  void post(io::Task task) override;
  io::TimerId run_after(Microseconds delay, io::Task task) override;
  void cancel(io::TimerId timer) override;
  void at_turn_end(io::TurnHook& hook, io::TurnPhase phase) override;
  void disarm(io::TurnHook& hook) override;
  bool on_own_thread() const override;
  const Clock& clock() const override { return clock_; }

  /// Queues `task` for that virtual time, as if another thread posted it then.
  void post_at(std::int64_t time_ns, io::Task task);
  /// Runs `task` here and now as a turn of this executor, for set-up and tear-down in tests. Not from inside an event.
  void run_here(io::Task task);
  /// Drops all tasks and timers; from now on everything posted is dropped (the thread died with its process).
  void retire();
  bool retired() const { return retired_; }
  const std::string& name() const { return name_; }
  /// Turns run so far: what a real thread would have woken up for.
  std::uint64_t turns() const { return turns_; }
  const SimWorld& world() const { return world_; }

 private:
  friend class SimWorld;
  void run_turn();
  void check_thread() const;

  SimWorld& world_;
  const Clock& clock_;
  const std::string name_;
  const std::uint32_t index_;
  std::vector<EventHeap::Id> ready_;
  std::vector<EventHeap::Id> turn_;
  io::TurnHooks hooks_;
  std::int64_t busy_until_ns_ = 0;
  std::uint64_t turns_ = 0;
  EventHeap::Id wake_ = 0;  ///< The event that ends a busy time.
  bool scheduled_ = false;  ///< In the world's ready list, waiting to be, or running.
  bool retired_ = false;
};

/// The world. Destroy what uses its executors, networks and disks first (declare it after the world).
class SimWorld {
 public:
  explicit SimWorld(std::uint64_t seed, std::int64_t wall_start_ms = 1'700'000'000'000);
  ~SimWorld();
  SimWorld(const SimWorld&) = delete;
  SimWorld& operator=(const SimWorld&) = delete;

  std::uint64_t seed() const { return seed_; }
  /// Chance for the test itself; the network, the disks and the scheduler have their own streams of the same seed.
  Random& random() { return random_; }
  /// A further independent stream of the seed; the same `label` gives the same stream.
  Random stream(std::string_view label) const;

  SimNode& add_node(const std::string& name);
  SimNode& add_node(const std::string& name, const NodeOptions& options);
  SimNode& node(std::string_view name);
  SimInternet& internet() { return *internet_; }

  /// Virtual nanoseconds since the world began, including what the running event has spent.
  std::int64_t now_ns() const { return now_ns_ + spent_ns_; }
  std::int64_t now_ms() const { return now_ns() / 1'000'000; }
  SimClock& clock() { return clock_; }
  std::int64_t wall_start_ms() const { return wall_start_ms_; }

  /// Runs `task` outside every executor (kills, partitions, assertions) at that distance from now.
  void after(Milliseconds delay, io::Task task) { at_ns(now_ns() + delay.count() * 1'000'000, std::move(task)); }
  void at_ns(std::int64_t time_ns, io::Task task);
  /// Runs `task` as soon as no event is running: now, or when the running turn ends.
  void when_quiet(io::Task task);

  /// Runs until nothing is left to do or `limit` has passed; true when nothing is left.
  bool run_until_idle(Milliseconds limit = Milliseconds(3'600'000));
  /// Lets exactly `span` of virtual time pass.
  void run_for(Milliseconds span);
  /// Runs until `done` holds (asked after every turn) or `limit` has passed; true when it holds.
  bool run_until(const std::function<bool()>& done, Milliseconds limit);

  /// Digest of every event so far: equal runs have equal digests.
  std::uint64_t trace_hash() const { return trace_hash_; }
  /// Adds a fact to the digest (what a test saw, what a disk did).
  void mix(std::uint64_t fact);
  std::uint64_t events_run() const { return events_run_; }

  /// The running event takes this long: its executor is busy meanwhile, and what it does from here on happens later.
  /// Models blocking calls (fdatasync); ignored outside events.
  void spend(std::int64_t ns);
  /// The executor whose event is running; null outside events and in tasks of after().
  const SimExecutor* current() const { return current_; }

 private:
  friend class SimExecutor;
  bool step(std::int64_t limit_ns);
  void run_due_events();
  void run_ready_executor();
  void begin_turn(SimExecutor& executor);
  void end_turn(SimExecutor& executor);
  void enqueue(SimExecutor& executor, EventHeap::Id id);
  void make_ready(SimExecutor& executor);
  void unschedule(SimExecutor& executor);
  void forget(SimExecutor& executor);
  void run_quiet_tasks();
  void check_progress();

  const std::uint64_t seed_;
  const std::int64_t wall_start_ms_;
  Random random_;
  Random order_;
  SimClock clock_;
  EventHeap events_;
  std::vector<SimExecutor*> ready_;
  std::vector<io::Task> quiet_;
  SimExecutor* current_ = nullptr;
  std::int64_t now_ns_ = 0;
  std::int64_t spent_ns_ = 0;
  std::uint64_t trace_hash_;
  std::uint64_t events_run_ = 0;
  std::uint64_t steps_at_instant_ = 0;
  std::uint32_t next_executor_ = 1;
  std::unique_ptr<SimInternet> internet_;
  std::vector<std::unique_ptr<SimNode>> nodes_;
};

}  // namespace ogive::sim
