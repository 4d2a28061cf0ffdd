#include "io/epoll_reactor.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>
#include <vector>

#include "io/loopback_for_test.h"

namespace ogive::io {
namespace {

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC) != 0) ADD_FAILURE();
    in = UniqueFd(ends[0]);
    out = UniqueFd(ends[1]);
  }
  UniqueFd in, out;
};

struct Probe : Descriptor {
  std::function<void(std::uint32_t)> ready;
  std::function<void()> notified;
  void on_ready(std::uint32_t events) override { ready(events); }
  void on_notify() override { notified(); }
};

/// Ends a run that would never end.
void give_up_after(EpollReactor& reactor) {
  reactor.run_after(kPatience, [&reactor] {
    ADD_FAILURE() << "the reactor was not stopped in time";
    reactor.stop();
  });
}

TEST(EpollReactor, ATurnIsDescriptorsThenTasksThenTimersThenHooks) {
  EpollReactor reactor("test");
  give_up_after(reactor);
  std::string order;
  Pipe pipe;
  struct Hook : TurnHook {
    std::function<void()> task;
    void on_turn_end() override { task(); }
  } hook;
  hook.task = [&] {
    order += "h";
    reactor.stop();
  };
  Probe probe;
  const WatchId watch = reactor.watch(pipe.in.get(), probe);
  ASSERT_TRUE(reactor.set_interest(watch, EPOLLIN).has_value());
  ASSERT_EQ(::write(pipe.out.get(), "x", 1), 1);
  reactor.run_after(Milliseconds(0), [&] { order += "t"; });
  probe.ready = [&](std::uint32_t events) {
    EXPECT_EQ(events, static_cast<std::uint32_t>(EPOLLIN));
    reactor.unwatch(watch);
    order += "d";
    reactor.post([&] { order += "p"; });
    reactor.at_turn_end(hook, TurnPhase::kFlush);
  };
  reactor.run();
  EXPECT_EQ(order, "dpth");
}

TEST(EpollReactor, ATaskThatPostsItselfDoesNotStarveDescriptors) {
  EpollReactor reactor("test");
  give_up_after(reactor);
  Pipe pipe;
  Probe probe;
  const WatchId watch = reactor.watch(pipe.in.get(), probe);
  ASSERT_TRUE(reactor.set_interest(watch, EPOLLIN).has_value());
  int rounds = 0;
  std::function<void()> again = [&] {
    if (++rounds == 3) {
      ASSERT_EQ(::write(pipe.out.get(), "x", 1), 1);
    }
    reactor.post([&] { again(); });
  };
  reactor.post([&] { again(); });
  probe.ready = [&](std::uint32_t) { reactor.stop(); };
  reactor.run();
  EXPECT_GE(rounds, 3);
  EXPECT_LE(rounds, 6);
  reactor.unwatch(watch);
}

TEST(EpollReactor, PostsOfManyThreadsAllRunInEachPostersOrder) {
  RunningReactor reactor;
  constexpr int kPosters = 4;
  constexpr int kPosts = 5'000;
  std::array<int, kPosters> next{};
  bool ordered = true;
  Watched<int> done;
  std::vector<std::thread> posters;
  for (int poster = 0; poster < kPosters; ++poster) {
    posters.emplace_back([&, poster] {
      for (int i = 0; i < kPosts; ++i) {
        reactor->post([&, poster, i] {
          ordered = ordered && next[static_cast<std::size_t>(poster)]++ == i;
          if (i + 1 == kPosts) done.change([](int& count) { ++count; });
        });
      }
    });
  }
  EXPECT_TRUE(done.wait([](int count) { return count == kPosters; }));
  for (std::thread& poster : posters) poster.join();
  EXPECT_TRUE(reactor.call([&] { return ordered; }));
}

TEST(EpollReactor, TimersRunInOrderAndACancelledOneDoesNot) {
  EpollReactor reactor("test");
  give_up_after(reactor);
  std::string order;
  reactor.run_after(Milliseconds(3), [&] {
    order += "3";
    reactor.stop();
  });
  const TimerId cancelled = reactor.run_after(Milliseconds(2), [&] { order += "x"; });
  reactor.run_after(Milliseconds(1), [&] {
    order += "1";
    reactor.cancel(cancelled);
  });
  const std::int64_t begin = reactor.clock().monotonic_ns();
  reactor.run();
  EXPECT_GE(reactor.clock().monotonic_ns() - begin, 2'900'000);
  EXPECT_EQ(order, "13");
}

TEST(EpollReactor, AHandlerMayRemoveADescriptorThatIsAlsoReady) {
  EpollReactor reactor("test");
  give_up_after(reactor);
  std::array<Pipe, 2> pipes;
  std::array<Probe, 2> probes;
  std::array<WatchId, 2> watches;
  int calls = 0;
  for (std::size_t i = 0; i < 2; ++i) {
    watches[i] = reactor.watch(pipes[i].in.get(), probes[i]);
    ASSERT_TRUE(reactor.set_interest(watches[i], EPOLLIN).has_value());
    ASSERT_EQ(::write(pipes[i].out.get(), "x", 1), 1);
    probes[i].ready = [&](std::uint32_t) {
      ++calls;
      for (const WatchId watch : watches) reactor.unwatch(watch);
      reactor.stop();
    };
  }
  reactor.run();
  EXPECT_EQ(calls, 1);
}

TEST(EpollReactor, ANoticeToSomeoneWhoLeftIsDropped) {
  EpollReactor reactor("test");
  give_up_after(reactor);
  Pipe pipe;
  Probe stays, leaves;
  int stayed = 0;
  stays.notified = [&] { ++stayed; };
  leaves.notified = [] { ADD_FAILURE(); };
  const WatchId kept = reactor.watch(pipe.in.get(), stays);
  const WatchId left = reactor.watch(pipe.out.get(), leaves);
  reactor.notify(left);
  reactor.notify(kept);
  reactor.unwatch(left);
  reactor.unwatch(left);
  reactor.post([&] { reactor.stop(); });
  reactor.run();
  EXPECT_EQ(stayed, 1);
  reactor.unwatch(kept);
}

TEST(EpollReactor, DestroyingItDropsWhatHasNotRunWhateverThatPosts) {
  const auto token = std::make_shared<int>(0);
  struct PostsWhenDropped {
    EpollReactor* reactor;
    std::shared_ptr<int> token;
    ~PostsWhenDropped() {
      if (reactor != nullptr) reactor->post([kept = token] {});
    }
  };
  {
    EpollReactor reactor("test");
    auto last_words = std::make_unique<PostsWhenDropped>(&reactor, token);
    reactor.run_after(Milliseconds(1), [words = std::move(last_words)] {});
    reactor.post([token] {});
    EXPECT_GT(token.use_count(), 1);
  }
  EXPECT_EQ(token.use_count(), 1);
}

TEST(EpollReactor, StopBeforeRunMakesItReturnAtOnce) {
  EpollReactor reactor("test");
  reactor.stop();
  reactor.run();
  EXPECT_FALSE(reactor.running());
}

}  // namespace
}  // namespace ogive::io
