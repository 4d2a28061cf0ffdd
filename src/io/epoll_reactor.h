#pragma once
// The executor that waits for sockets: one thread, one level-triggered epoll set, one explicit end of turn. Why not a
// library: docs/decisions/0001-own-epoll-loop.md.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/strong_int.h"
#include "io/executor.h"
#include "io/timer_heap.h"
#include "io/turn_hooks.h"
#include "io/unique_fd.h"

namespace ogive::io {

/// What a reactor tells the owner of a watched descriptor, on the reactor's thread. The owner, or any other, may be
/// destroyed from inside either call, provided it was unwatched first.
class Descriptor {
 public:
  virtual ~Descriptor() = default;
  /// `events` holds EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP.
  virtual void on_ready(std::uint32_t events) = 0;
  /// Answers EpollReactor::notify, among the posted tasks.
  virtual void on_notify() {}
};

using WatchId = StrongInt<struct WatchIdTag, std::uint64_t>;

/// One turn: wait, handle every ready descriptor, run the tasks posted so far, run due timers, run the turn hooks.
/// Without work it does not wake at all. post() and stop() may come from any thread, the rest from the reactor's own;
/// while run() is not active (before, after) every call is allowed from the one thread that holds the reactor.
/// Everything living on the reactor (streams, listeners, hooks) must be gone before it is.
class EpollReactor final : public Executor {
 public:
  /// `thread_name` names the thread that calls run(). The clock is for deadlines and must be the one the kernel waits
  /// by.
  explicit EpollReactor(std::string thread_name, const Clock& clock = system_clock());
  ~EpollReactor() override;
  EpollReactor(const EpollReactor&) = delete;
  EpollReactor& operator=(const EpollReactor&) = delete;

  /// Runs turns on the calling thread until stop(); the turn in which it was called is finished.
  void run();
  /// Any thread, also before run(), which then returns at once.
  void stop();

  void post(Task task) override;
  TimerId run_after(Microseconds delay, Task task) override;
  void cancel(TimerId timer) override;
  void at_turn_end(TurnHook& hook, TurnPhase phase) override { hooks_.arm(hook, phase); }
  void disarm(TurnHook& hook) override { hooks_.disarm(hook); }
  bool on_own_thread() const override;
  const Clock& clock() const override { return clock_; }
  bool running() const { return running_.load(std::memory_order_acquire); }

  /// Enters `descriptor` for `fd`; nothing is reported before set_interest. Both stay the caller's.
  WatchId watch(int fd, Descriptor& descriptor);
  /// EPOLLIN and EPOLLOUT in any combination. With 0 errors and hang-ups are still reported once any interest was set.
  Status set_interest(WatchId watch, std::uint32_t events);
  /// Takes the descriptor out, to be called before its fd is closed. Ids already removed are ignored.
  void unwatch(WatchId watch);
  /// Calls on_notify soon, unless unwatched until then.
  void notify(WatchId watch);

  /// Scratch space for one receive call; its content ends with the callback that filled it.
  std::span<std::byte> receive_space();

 private:
  struct Watched {
    Descriptor* descriptor = nullptr;
    std::uint32_t generation = 1;
    int fd = -1;
    std::uint32_t interest = 0;
    bool in_epoll = false;
  };
  static constexpr std::uint64_t kWakeUp = UINT64_MAX;

  Watched* find(WatchId watch);
  void turn();
  std::int64_t wait_ns();
  void run_tasks();
  void run_timers();
  void drop_everything();

  const std::string thread_name_;
  const Clock& clock_;
  UniqueFd epoll_;
  UniqueFd wake_up_;
  std::unique_ptr<std::byte[]> receive_space_;

  std::vector<Watched> watched_;
  std::vector<std::uint32_t> free_watched_;
  TimerHeap timers_;
  TurnHooks hooks_;
  std::vector<Task> own_tasks_;  ///< Posted from this thread.
  std::vector<Task> running_tasks_;

  std::mutex inbox_mutex_;
  std::vector<Task> inbox_;  ///< Posted from other threads; under inbox_mutex_.
  // A poster fills the inbox and then looks whether the loop sleeps; the loop says it sleeps and then looks into the
  // inbox.
  std::atomic<bool> inbox_filled_{false};
  std::atomic<bool> sleeping_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> running_{false};
};

}  // namespace ogive::io
