#include "io/epoll_reactor.h"

#include <fmt/core.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstring>
#include <ctime>
#include <span>
#include <utility>

#include "base/check.h"
#include "base/thread_name.h"

namespace ogive::io {
namespace {

constexpr std::size_t kReceiveSpace = 256 << 10;
constexpr std::size_t kEventsPerTurn = 256;

thread_local const EpollReactor* t_current = nullptr;

/// epoll_wait for at most `wait_ns`, 0 not at all, below 0 for ever.
int wait_for_events(int epoll, std::span<epoll_event> events, std::int64_t wait_ns) {
  static constexpr std::int64_t kNsPerSecond = 1'000'000'000, kNsPerMs = 1'000'000;
  static std::atomic<bool> tells_less_than_ms = true;
  const auto room = static_cast<int>(events.size());
  if (wait_ns <= 0) return ::epoll_wait(epoll, events.data(), room, wait_ns < 0 ? -1 : 0);
  if (tells_less_than_ms.load(std::memory_order_relaxed)) {
    const timespec timeout{wait_ns / kNsPerSecond, wait_ns % kNsPerSecond};
    const int count = ::epoll_pwait2(epoll, events.data(), room, &timeout, nullptr);
    // Kernels before 5.11 do not know it, and filters of system calls older than it refuse it.
    if (count >= 0 || (errno != ENOSYS && errno != EPERM)) return count;
    tells_less_than_ms.store(false, std::memory_order_relaxed);
  }
  const std::int64_t wait_ms = std::min<std::int64_t>((wait_ns + kNsPerMs - 1) / kNsPerMs, INT_MAX);
  return ::epoll_wait(epoll, events.data(), room, static_cast<int>(wait_ms));
}

}  // namespace

EpollReactor::EpollReactor(std::string thread_name, const Clock& clock)
    : thread_name_(std::move(thread_name)),
      clock_(clock),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_up_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  OGIVE_CHECK_MSG(epoll_.valid() && wake_up_.valid(), "no descriptor for an event loop ({}); raise `ulimit -n`",
                  std::strerror(errno));
  // Edge-triggered: every write to the eventfd is one event, and nobody needs to read it.
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.u64 = kWakeUp;
  OGIVE_CHECK(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_up_.get(), &event) == 0);
}

EpollReactor::~EpollReactor() {
  OGIVE_CHECK(!running());
  drop_everything();
}

void EpollReactor::drop_everything() {
  // What a task owns may post or unwatch while it goes, so everything else must still be whole.
  for (;;) {
    std::vector<Task> dropped = timers_.take_all();
    if (dropped.empty()) dropped.swap(own_tasks_);
    if (dropped.empty()) {
      const std::scoped_lock lock(inbox_mutex_);
      dropped.swap(inbox_);
    }
    if (dropped.empty()) return;
  }
}

void EpollReactor::run() {
  OGIVE_CHECK(t_current == nullptr);
  set_thread_name(thread_name_);
  t_current = this;
  running_.store(true, std::memory_order_release);
  while (!stopping_.load(std::memory_order_acquire)) turn();
  running_.store(false, std::memory_order_release);
  t_current = nullptr;
}

void EpollReactor::stop() {
  stopping_.store(true, std::memory_order_release);
  post([] {});
}

bool EpollReactor::on_own_thread() const {
  return t_current == this;
}

void EpollReactor::post(Task task) {
  if (on_own_thread()) {
    own_tasks_.push_back(std::move(task));
    return;
  }
  {
    const std::scoped_lock lock(inbox_mutex_);
    inbox_.push_back(std::move(task));
  }
  inbox_filled_.store(true);
  if (sleeping_.exchange(false)) {
    const std::uint64_t one = 1;
    // Can only fail when the counter is full, and then the loop has been woken already.
    [[maybe_unused]] const ssize_t wrote = ::write(wake_up_.get(), &one, sizeof one);
  }
}

TimerId EpollReactor::run_after(Microseconds delay, Task task) {
  OGIVE_CHECK(on_own_thread() || !running());
  const std::int64_t delay_ns = std::chrono::nanoseconds(std::max(delay, Microseconds(0))).count();
  return timers_.add(clock_.monotonic_ns() + delay_ns, std::move(task));
}

void EpollReactor::cancel(TimerId timer) {
  OGIVE_CHECK(on_own_thread() || !running());
  const Task dropped = timers_.remove(timer);
}

void EpollReactor::turn() {
  std::array<epoll_event, kEventsPerTurn> events;
  const int count = wait_for_events(epoll_.get(), events, wait_ns());
  sleeping_.store(false, std::memory_order_relaxed);
  OGIVE_CHECK_MSG(count >= 0 || errno == EINTR, "epoll_wait: {}", std::strerror(errno));
  for (int i = 0; i < count; ++i) {
    const std::uint64_t id = events[static_cast<std::size_t>(i)].data.u64;
    if (id == kWakeUp) continue;
    // Looked up one by one: a handler may have removed any of those that follow.
    if (Watched* watched = find(WatchId(id))) {
      watched->descriptor->on_ready(events[static_cast<std::size_t>(i)].events);
    }
  }
  run_tasks();
  run_timers();
  hooks_.run();
}

// Nanoseconds until the next timer; 0 not to wait, below for ever.
std::int64_t EpollReactor::wait_ns() {
  if (!own_tasks_.empty() || !hooks_.empty()) return 0;
  sleeping_.store(true);
  if (inbox_filled_.load()) return 0;
  if (timers_.empty()) return -1;
  const std::int64_t left_ns = timers_.next_deadline_ns() - clock_.monotonic_ns();
  if (left_ns <= 0) return 0;
  return left_ns;
}

void EpollReactor::run_tasks() {
  if (inbox_filled_.load(std::memory_order_relaxed)) {
    const std::scoped_lock lock(inbox_mutex_);
    inbox_filled_.store(false);
    running_tasks_.swap(inbox_);
  }
  const std::size_t own = own_tasks_.size();
  for (Task& task : running_tasks_) std::exchange(task, Task())();
  running_tasks_.clear();
  if (own == 0) return;
  // Only those queued before this point: a task that posts itself again must not starve the sockets.
  running_tasks_.swap(own_tasks_);
  if (running_tasks_.size() > own) {
    own_tasks_.assign(std::make_move_iterator(running_tasks_.begin() + static_cast<std::ptrdiff_t>(own)),
                      std::make_move_iterator(running_tasks_.end()));
    running_tasks_.resize(own);
  }
  for (Task& task : running_tasks_) std::exchange(task, Task())();
  running_tasks_.clear();
}

void EpollReactor::run_timers() {
  if (timers_.empty()) return;
  const std::int64_t now = clock_.monotonic_ns();
  const std::uint64_t before = timers_.next_sequence();
  while (std::optional<Task> task = timers_.take_due(now, before)) (*task)();
}

EpollReactor::Watched* EpollReactor::find(WatchId watch) {
  const auto slot = static_cast<std::uint32_t>(watch.value());
  const auto generation = static_cast<std::uint32_t>(watch.value() >> 32);
  if (slot >= watched_.size()) return nullptr;
  Watched& watched = watched_[slot];
  return watched.generation == generation && watched.descriptor != nullptr ? &watched : nullptr;
}

WatchId EpollReactor::watch(int fd, Descriptor& descriptor) {
  OGIVE_CHECK(on_own_thread() || !running());
  std::uint32_t slot;
  if (free_watched_.empty()) {
    slot = static_cast<std::uint32_t>(watched_.size());
    watched_.emplace_back();
  } else {
    slot = free_watched_.back();
    free_watched_.pop_back();
  }
  Watched& watched = watched_[slot];
  watched.descriptor = &descriptor;
  watched.fd = fd;
  watched.interest = 0;
  watched.in_epoll = false;
  return WatchId(static_cast<std::uint64_t>(watched.generation) << 32 | slot);
}

Status EpollReactor::set_interest(WatchId watch, std::uint32_t events) {
  Watched* watched = find(watch);
  if (watched == nullptr) return {};
  if (watched->in_epoll ? watched->interest == events : events == 0) return {};
  epoll_event event{};
  event.events = events;
  event.data.u64 = watch.value();
  if (::epoll_ctl(epoll_.get(), watched->in_epoll ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, watched->fd, &event) != 0) {
    const int os_error = errno;
    return fail(Error::from_errno(os_error, fmt::format("cannot watch descriptor {}", watched->fd)));
  }
  watched->interest = events;
  watched->in_epoll = true;
  return {};
}

void EpollReactor::unwatch(WatchId watch) {
  OGIVE_CHECK(on_own_thread() || !running());
  Watched* watched = find(watch);
  if (watched == nullptr) return;
  if (watched->in_epoll) ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, watched->fd, nullptr);
  watched->descriptor = nullptr;
  if (++watched->generation == UINT32_MAX) watched->generation = 1;  // Ids are neither zero nor kWakeUp.
  free_watched_.push_back(static_cast<std::uint32_t>(watch.value()));
}

void EpollReactor::notify(WatchId watch) {
  post([this, watch] {
    if (Watched* watched = find(watch)) watched->descriptor->on_notify();
  });
}

std::span<std::byte> EpollReactor::receive_space() {
  if (receive_space_ == nullptr) receive_space_ = std::make_unique_for_overwrite<std::byte[]>(kReceiveSpace);
  return {receive_space_.get(), kReceiveSpace};
}

}  // namespace ogive::io
