#include "io/epoll_reactor.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
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

/// From now on the kernel refuses epoll_pwait2 to this process with `error`; false when it cannot be made to.
bool refuse_epoll_pwait2(int error) {
  std::array<sock_filter, 4> program{{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_epoll_pwait2, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(error)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog filter{program.size(), program.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) return false;
  return ::syscall(__NR_epoll_pwait2, -1, nullptr, 0, nullptr, nullptr, 0) == -1 && errno == error;
}

constexpr int kNoFilters = 77;  ///< Exit status of a child that cannot refuse anything.

/// Timers and descriptors of a reactor that may not use epoll_pwait2; the exit status of its process.
int run_without_epoll_pwait2(int error) {
  if (!refuse_epoll_pwait2(error)) return kNoFilters;
  EpollReactor reactor("test");
  std::string order;
  const std::int64_t began_ns = system_clock().monotonic_ns();
  // Neither earlier than asked for, where the kernel waits for whole milliseconds, nor never.
  for (const std::int64_t us : {20'000, 1'500, 300}) {
    reactor.run_after(Microseconds(us), [&order, us, began_ns] {
      order += std::to_string(us) + " ";
      EXPECT_GE(system_clock().monotonic_ns() - began_ns, us * 1'000);
    });
  }
  Pipe pipe;
  Probe probe;
  const WatchId watch = reactor.watch(pipe.in.get(), probe);
  EXPECT_TRUE(reactor.set_interest(watch, EPOLLIN).has_value());
  probe.ready = [&](std::uint32_t) {
    order += "ready ";
    reactor.unwatch(watch);
    reactor.stop();
  };
  reactor.run_after(Milliseconds(25), [&] { EXPECT_EQ(::write(pipe.out.get(), "x", 1), 1); });
  reactor.run();
  EXPECT_EQ(order, "300 1500 20000 ready ");
  return ::testing::Test::HasFailure() ? 1 : 0;
}

// Kernels before 5.11, and containers whose filters do not know the call.
TEST(EpollReactor, TimersRunWhereEpollPwait2IsRefused) {
  for (const int error : {ENOSYS, EPERM}) {
    const pid_t child = ::fork();  // What is refused stays refused as long as the process lives.
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::alarm(kPatience.count());
      ::_exit(run_without_epoll_pwait2(error));
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status)) << "error " << error << ", ended by signal " << WTERMSIG(status);
    if (WEXITSTATUS(status) == kNoFilters) GTEST_SKIP() << "this kernel does not filter system calls";
    EXPECT_EQ(WEXITSTATUS(status), 0) << "error " << error;
  }
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
