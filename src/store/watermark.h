#pragma once
// A point in the log that only grows (appended, flushed, replicated), and who waits for it.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/strong_int.h"
#include "io/executor.h"

namespace ogive::store {

/// Thread-safe. Waiters are called on their executor, in order of offset, each exactly once: with success when the mark
/// has reached their offset, with the error when it failed first. A failed watermark stays failed.
class Watermark {
 public:
  using Waiter = std::move_only_function<void(Status)>;

  PhysicalOffset value() const { return PhysicalOffset(value_.load(std::memory_order_acquire)); }
  /// `waiter` runs on `executor` once value() >= `offset`; always posted, never inside this call.
  void wait(PhysicalOffset offset, io::Executor& executor, Waiter waiter);
  /// Like wait(), but where the mark is raised on `executor`'s own thread `waiter` runs inside advance(), and so in the
  /// very turn: it must do no more than arm a hook for that turn's end.
  void wait_in_turn(PhysicalOffset offset, io::Executor& executor, Waiter waiter);
  /// Raises the mark (a lower value is ignored) and posts the waiters it satisfies, one post per executor.
  void advance(PhysicalOffset offset);
  /// Fails every present and future waiter with `error`. The first error stays.
  void fail(const Error& error);
  bool has_waiters() const;

 private:
  struct Waiting {
    io::Executor* executor;
    Waiter waiter;
    bool in_turn = false;
  };
  void add(PhysicalOffset offset, Waiting waiting);
  std::atomic<std::int64_t> value_{0};
  std::atomic<std::size_t> waiter_count_{0};  ///< Spares advance() the mutex while nobody waits.
  mutable std::mutex mutex_;
  std::multimap<std::int64_t, Waiting> waiting_;
  std::optional<Error> error_;
};

}  // namespace ogive::store
