// The executors without sockets: ThreadExecutor and BlockingLane.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <latch>
#include <string>
#include <thread>

#include "io/blocking_lane.h"
#include "io/loopback_for_test.h"
#include "io/thread_executor.h"

namespace ogive::io {
namespace {

using ::testing::HasSubstr;

TEST(ThreadExecutor, RunsPostsTimersAndHooksOnItsOwnThread) {
  ThreadExecutor executor("test");
  struct Hook : TurnHook {
    std::function<void()> task;
    void on_turn_end() override { task(); }
  } hook;
  Watched<std::string> order;
  const auto note = [&](char letter) {
    EXPECT_TRUE(executor.on_own_thread());
    order.change([&](std::string& text) { text += letter; });
  };
  hook.task = [&] { note('h'); };
  executor.post([&] {
    note('p');
    executor.at_turn_end(hook, TurnPhase::kFlush);
    const TimerId cancelled = executor.run_after(Milliseconds(0), [&] { note('x'); });
    executor.run_after(Milliseconds(0), [&] { note('t'); });
    executor.cancel(cancelled);
  });
  EXPECT_TRUE(order.wait([](const std::string& text) { return text == "pth"; })) << order.get();
  EXPECT_FALSE(executor.on_own_thread());
}

TEST(ThreadExecutor, PostsOfManyThreadsKeepEachPostersOrder) {
  ThreadExecutor executor("test");
  constexpr int kPosts = 3'000;
  std::array<int, 3> next{};
  std::latch done(3);
  std::vector<std::thread> posters;
  for (std::size_t poster = 0; poster < next.size(); ++poster) {
    posters.emplace_back([&, poster] {
      for (int i = 0; i < kPosts; ++i) {
        executor.post([&, poster, i] {
          EXPECT_EQ(next[poster]++, i);
          if (i + 1 == kPosts) done.count_down();
        });
      }
    });
  }
  for (std::thread& poster : posters) poster.join();
  done.wait();
}

TEST(ThreadExecutor, StopWaitsForTheTurnUnderWayAndNothingRunsAfterIt) {
  const auto token = std::make_shared<int>(0);
  std::latch begun(1), go_on(1);
  bool finished = false;
  {
    ThreadExecutor executor("test");
    executor.post([&] {
      begun.count_down();
      go_on.wait();
      finished = true;
    });
    begun.wait();
    executor.post([token] {});  // Run or dropped, depending on who is faster; in no case kept.
    std::thread stopper([&] { executor.stop(); });
    go_on.count_down();
    stopper.join();
    EXPECT_TRUE(finished);
    executor.post([token] { ADD_FAILURE(); });
    // After the stop its timers may be touched from here.
    executor.cancel(executor.run_after(Milliseconds(1), [] {}));
  }
  EXPECT_EQ(token.use_count(), 1);
}

TEST(BlockingLane, RunsTasksOnSeveralThreadsAtOnce) {
  BlockingLane lane("lane", 2, 10);
  std::latch both(2), done(2);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(lane.post([&] {
                      both.arrive_and_wait();  // Passes only when both run at the same time.
                      done.count_down();
                    })
                    .has_value());
  }
  done.wait();
}

TEST(BlockingLane, AFullQueueIsRefusedWithItsFigures) {
  std::latch begun(1), go_on(1);
  int ran = 0;
  {
    BlockingLane lane("lane", 1, 2);
    ASSERT_TRUE(lane.post([&] {
                      begun.count_down();
                      go_on.wait();
                    })
                    .has_value());
    begun.wait();
    EXPECT_TRUE(lane.post([&] { ++ran; }).has_value());
    EXPECT_TRUE(lane.post([&] { ++ran; }).has_value());
    EXPECT_EQ(lane.queued(), 2u);
    const Status refused = lane.post([&] { ++ran; });
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code(), Errc::kLimit);
    EXPECT_THAT(refused.error().message(), HasSubstr("2 tasks are waiting for the 1 threads of 'lane'"));
    go_on.count_down();
    std::latch emptied(1);
    while (!lane.post([&] { emptied.count_down(); }).has_value()) std::this_thread::yield();
    emptied.wait();
  }
  EXPECT_EQ(ran, 2);
}

TEST(BlockingLane, ItsEndKeepsNothing) {
  const auto token = std::make_shared<int>(0);
  std::latch begun(1), go_on(1);
  {
    auto lane = std::make_unique<BlockingLane>("lane", 1, 2);
    ASSERT_TRUE(lane->post([&] {
                      begun.count_down();
                      go_on.wait();
                    })
                    .has_value());
    begun.wait();
    // Run or dropped, depending on who is faster; in no case kept.
    ASSERT_TRUE(lane->post([kept = token] {}).has_value());
    std::thread ender([&] { lane.reset(); });
    go_on.count_down();
    ender.join();
  }
  EXPECT_EQ(token.use_count(), 1);
}

}  // namespace
}  // namespace ogive::io
