#include "io/timer_heap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "base/clock.h"
#include "io/turn_hooks.h"

namespace ogive::io {
namespace {

std::string run_all(TimerHeap& heap, std::int64_t now, std::uint64_t before = UINT64_MAX) {
  std::string ran;
  while (auto task = heap.take_due(now, before)) {
    (*task)();
    ran += ' ';
  }
  return ran;
}

TEST(TimerHeap, RunsByDeadlineThenByOrderOfAdding) {
  TimerHeap heap;
  std::string ran;
  for (const auto& [deadline, name] : {std::pair(30, 'c'), {10, 'a'}, {20, 'b'}, {10, 'A'}, {20, 'B'}}) {
    heap.add(deadline, [&ran, letter = name] { ran += letter; });
  }
  run_all(heap, 9);
  EXPECT_EQ(ran, "");
  run_all(heap, 20);
  EXPECT_EQ(ran, "aAbB");
  EXPECT_EQ(heap.next_deadline_ns(), 30);
  run_all(heap, 30);
  EXPECT_EQ(ran, "aAbBc");
  EXPECT_TRUE(heap.empty());
}

TEST(TimerHeap, ARemovedTimerNeitherRunsNorCanBeRemovedAgain) {
  TimerHeap heap;
  bool ran = false;
  const TimerId id = heap.add(1, [&] { ran = true; });
  Task task = heap.remove(id);
  EXPECT_TRUE(static_cast<bool>(task));
  EXPECT_FALSE(static_cast<bool>(heap.remove(id)));
  EXPECT_FALSE(static_cast<bool>(heap.remove(TimerId())));
  run_all(heap, 100);
  EXPECT_FALSE(ran);
  // The slot is used again, the old id still means nothing.
  const TimerId next = heap.add(1, [] {});
  EXPECT_NE(next, id);
  EXPECT_FALSE(static_cast<bool>(heap.remove(id)));
  EXPECT_TRUE(static_cast<bool>(heap.remove(next)));
}

TEST(TimerHeap, ARoundDoesNotRunWhatItAdds) {
  TimerHeap heap;
  int runs = 0;
  heap.add(1, [&] {
    ++runs;
    heap.add(1, [&] { ++runs; });
  });
  const std::uint64_t before = heap.next_sequence();
  run_all(heap, 5, before);
  EXPECT_EQ(runs, 1);
  run_all(heap, 5);
  EXPECT_EQ(runs, 2);
}

TEST(TimerHeap, BehavesAsASortedMultimapUnderChance) {
  Random random(7);
  TimerHeap heap;
  std::multimap<std::int64_t, int> model;
  std::map<int, TimerId> ids;
  int next = 0;
  int last_run = -1;
  for (int step = 0; step < 20'000; ++step) {
    const auto choice = random.below(10);
    if (choice < 5) {
      const auto deadline = static_cast<std::int64_t>(random.below(1000));
      ids[next] = heap.add(deadline, [&last_run, name = next] { last_run = name; });
      model.emplace(deadline, next++);
    } else if (choice < 7 && !ids.empty()) {
      auto victim = std::next(ids.begin(), static_cast<std::ptrdiff_t>(random.below(ids.size())));
      ASSERT_TRUE(static_cast<bool>(heap.remove(victim->second)));
      std::erase_if(model, [&](const auto& entry) { return entry.second == victim->first; });
      ids.erase(victim);
    } else if (auto task = heap.take_due(static_cast<std::int64_t>(random.below(1000)))) {
      (*task)();
      ASSERT_EQ(last_run, model.begin()->second);
      ids.erase(last_run);
      model.erase(model.begin());
    }
    ASSERT_EQ(heap.empty(), model.empty());
    if (!model.empty()) {
      ASSERT_EQ(heap.next_deadline_ns(), model.begin()->first);
    }
  }
  EXPECT_EQ(heap.take_all().size(), model.size());
  EXPECT_TRUE(heap.empty());
}

struct NotedHook : TurnHook {
  NotedHook(std::string& log, char letter) : log_(log), letter_(letter) {}
  void on_turn_end() override {
    log_ += letter_;
    if (then) then();
  }
  std::function<void()> then;

 private:
  std::string& log_;
  char letter_;
};

TEST(TurnHooks, CommitsRunBeforeFlushesAndArmingTwiceIsOnce) {
  TurnHooks hooks;
  std::string log;
  NotedHook flush(log, 'f'), commit(log, 'c');
  hooks.arm(flush, TurnPhase::kFlush);
  hooks.arm(commit, TurnPhase::kCommit);
  hooks.arm(flush, TurnPhase::kFlush);
  hooks.run();
  EXPECT_EQ(log, "cf");
  EXPECT_TRUE(hooks.empty());
}

TEST(TurnHooks, AHookMayArmOthersAndDisarmThoseThatFollow) {
  TurnHooks hooks;
  std::string log;
  NotedHook first(log, '1'), second(log, '2'), third(log, '3'), commit(log, 'c');
  first.then = [&] {
    hooks.disarm(second);
    hooks.arm(commit, TurnPhase::kCommit);
  };
  for (auto* hook : {&first, &second, &third}) hooks.arm(*hook, TurnPhase::kFlush);
  hooks.run();
  EXPECT_EQ(log, "13c");
}

}  // namespace
}  // namespace ogive::io
