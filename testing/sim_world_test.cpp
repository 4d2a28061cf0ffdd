#include "testing/sim_world.h"

#include <gtest/gtest.h>

#include "testing/sim_node.h"

namespace ogive::sim {
namespace {

using std::chrono_literals::operator""ms;

/// Ten executors posting to each other with random delays; returns the order in which they ran.
std::pair<std::string, std::uint64_t> gossip(std::uint64_t seed) {
  SimWorld world(seed);
  NodeOptions options;
  options.reactors = 10;
  SimNode& node = world.add_node("a", options);
  std::string order;
  std::function<void(std::size_t, int)> visit = [&](std::size_t index, int hops) {
    order += static_cast<char>('0' + index);
    if (hops == 0) return;
    const std::size_t next = node.random().below(10);
    node.reactor(next).post([&visit, next, hops] { visit(next, hops - 1); });
  };
  for (std::size_t i = 0; i < 10; ++i) node.reactor(i).post([&visit, i] { visit(i, 20); });
  EXPECT_TRUE(world.run_until_idle());
  return {order, world.trace_hash()};
}

TEST(SimWorld, TheSameSeedGivesTheSameRun) {
  const auto first = gossip(7);
  EXPECT_EQ(first, gossip(7));
  EXPECT_NE(first.first, gossip(8).first);
  EXPECT_NE(first.second, gossip(8).second);
}

TEST(SimWorld, TimersFollowVirtualTimeAndCanBeCancelled) {
  SimWorld world(1);
  SimNode& node = world.add_node("a");
  SimExecutor& reactor = node.reactor();
  std::vector<std::int64_t> fired;
  const auto note = [&] { fired.push_back(world.now_ms()); };
  reactor.run_after(30ms, note);
  const io::TimerId cancelled = reactor.run_after(20ms, note);
  reactor.run_after(10ms, [&] {
    note();
    reactor.cancel(cancelled);
  });
  world.run_for(25ms);
  EXPECT_EQ(fired, std::vector<std::int64_t>{10});
  EXPECT_EQ(world.now_ms(), 25);
  world.run_for(5ms);
  EXPECT_EQ(fired, (std::vector<std::int64_t>{10, 30}));
  reactor.cancel(cancelled);
  reactor.cancel(io::TimerId(0));
}

TEST(SimWorld, ATimerCancelledInItsOwnTurnDoesNotRun) {
  SimWorld world(1);
  SimExecutor& reactor = world.add_node("a").reactor();
  bool ran = false;
  io::TimerId second;
  reactor.run_after(10ms, [&] { reactor.cancel(second); });
  second = reactor.run_after(10ms, [&] { ran = true; });
  EXPECT_TRUE(world.run_until_idle());
  EXPECT_FALSE(ran);
}

struct CountingHook : io::TurnHook {
  std::function<void()> action;
  int runs = 0;
  void on_turn_end() override {
    ++runs;
    if (action) action();
  }
};

TEST(SimWorld, WhatIsDueTogetherIsOneTurnWithOneHookRun) {
  SimWorld world(1);
  SimExecutor& reactor = world.add_node("a").reactor();
  CountingHook commit;
  CountingHook flush;
  std::string order;
  commit.action = [&] {
    order += 'c';
    reactor.at_turn_end(flush, io::TurnPhase::kFlush);
  };
  flush.action = [&] { order += 'f'; };
  for (int i = 0; i < 5; ++i) {
    reactor.run_after(10ms, [&] {
      order += 't';
      reactor.at_turn_end(commit, io::TurnPhase::kCommit);
      if (order.size() == 1) reactor.post([&] { order += 'n'; });
    });
  }
  EXPECT_TRUE(world.run_until_idle());
  EXPECT_EQ(order, "tttttcfn");
  EXPECT_EQ(commit.runs, 1);
  EXPECT_EQ(reactor.turns(), 2U);
}

TEST(SimWorld, OnOwnThreadOnlyWhileItsEventRuns) {
  SimWorld world(1);
  SimNode& node = world.add_node("a");
  EXPECT_FALSE(node.reactor().on_own_thread());
  bool own = false;
  bool other = true;
  node.reactor().post([&] {
    own = node.reactor().on_own_thread();
    other = node.flusher().on_own_thread();
  });
  world.run_until_idle();
  EXPECT_TRUE(own);
  EXPECT_FALSE(other);
  node.reactor().run_here([&] { EXPECT_TRUE(node.reactor().on_own_thread()); });
}

TEST(SimWorldDeathTest, AForeignThreadsTimerIsOurBug) {
  EXPECT_DEATH(
      {
        SimWorld world(1);
        SimNode& node = world.add_node("a");
        node.reactor().post([&] { node.flusher().run_after(1ms, [] {}); });
        world.run_until_idle();
      },
      "belongs to the thread of");
}

TEST(SimWorld, SpentTimeKeepsTheExecutorBusyAndDelaysWhatFollows) {
  SimWorld world(1);
  SimNode& node = world.add_node("a");
  std::int64_t reply_at = -1;
  std::int64_t second_at = -1;
  node.flusher().post([&] {
    world.spend(5'000'000);
    node.reactor().post([&] { reply_at = world.now_ms(); });
  });
  node.reactor().run_after(1ms, [&] { node.flusher().post([&] { second_at = world.now_ms(); }); });
  world.run_until_idle();
  EXPECT_EQ(reply_at, 5);
  EXPECT_EQ(second_at, 5);
}

TEST(SimWorld, TheWallClockCanJumpTheMonotonicCannot) {
  SimWorld world(1);
  SimNode& node = world.add_node("a");
  const std::int64_t wall = node.clock().wall_ms();
  const std::int64_t monotonic = node.clock().monotonic_ms();
  world.run_for(100ms);
  node.clock().step_wall(-1000ms);
  EXPECT_EQ(node.clock().wall_ms(), wall - 900);
  EXPECT_EQ(node.clock().monotonic_ms(), monotonic + 100);
  EXPECT_EQ(world.clock().wall_ms(), wall + 100);
}

TEST(SimWorld, RunUntilStopsAtThePredicateOrTheLimit) {
  SimWorld world(1);
  SimExecutor& reactor = world.add_node("a").reactor();
  int ticks = 0;
  std::function<void()> tick = [&] {
    ++ticks;
    reactor.run_after(10ms, [&] { tick(); });
  };
  reactor.post([&] { tick(); });
  EXPECT_TRUE(world.run_until([&] { return ticks == 5; }, 1000ms));
  EXPECT_EQ(world.now_ms(), 40);
  EXPECT_FALSE(world.run_until([&] { return ticks == 50; }, 100ms));
  EXPECT_EQ(world.now_ms(), 140);
  EXPECT_FALSE(world.run_until_idle(100ms));
}

}  // namespace
}  // namespace ogive::sim
