#pragma once
// How many requests a reactor has accepted and not answered yet: an orderly stop waits for them.

#include <cstddef>
#include <utility>

#include "base/check.h"
#include "io/executor.h"

namespace ogive::remoting {

/// One executor's thread only. Handlers that answer later, by whatever way, call add() when they take the request and
/// settle() when its answer is written or cannot be given any more. Parked long polls are not counted: a stop releases
/// them itself.
class OwedAnswers {
 public:
  explicit OwedAnswers(io::Executor& executor) : executor_(executor) {}

  void add() { ++count_; }
  void settle() {
    OGIVE_CHECK(count_ > 0);
    if (--count_ == 0 && waiter_) [[unlikely]]
      executor_.post(std::exchange(waiter_, nullptr));
  }
  /// Posts `task` once nothing is owed, behind what wrote the last answer. One waiter: a later one takes the place of
  /// an earlier.
  void when_none(io::Task task) {
    if (count_ == 0) return executor_.post(std::move(task));
    waiter_ = std::move(task);
  }
  std::size_t count() const { return count_; }

 private:
  io::Executor& executor_;
  std::size_t count_ = 0;
  io::Task waiter_;
};

}  // namespace ogive::remoting
