#include "broker/topic/unsaved_topics.h"

#include <utility>

namespace ogive::broker {

bool UnsavedTopics::contains(std::string_view topic) const {
  if (none()) return false;
  const std::lock_guard lock(mutex_);
  return changes_.contains(topic);
}

void UnsavedTopics::add(std::string_view topic) {
  const std::lock_guard lock(mutex_);
  changes_[std::string(topic)] = ++latest_;
  count_.store(changes_.size(), std::memory_order_release);
}

std::uint64_t UnsavedTopics::latest() const {
  const std::lock_guard lock(mutex_);
  return latest_;
}

void UnsavedTopics::settle(std::uint64_t number, const Status& status) {
  std::vector<Waiting> told;
  {
    const std::lock_guard lock(mutex_);
    failed_ = !status;
    if (status) {
      absl::erase_if(changes_, [number](const auto& change) { return change.second <= number; });
      count_.store(changes_.size(), std::memory_order_release);
    }
    std::vector<Waiting> kept;
    for (Waiting& one : waiting_) {
      const auto change = changes_.find(one.topic);
      // A topic changed again since this save began waits for the next one.
      const bool ended = change == changes_.end() || change->second <= number;
      (ended ? told : kept).push_back(std::move(one));
    }
    waiting_ = std::move(kept);
  }
  for (Waiting& one : told) {
    one.executor->post([waiter = std::move(one.waiter), status]() mutable { waiter(status); });
  }
}

bool UnsavedTopics::wait(std::string_view topic, io::Executor& executor, Waiter waiter) {
  {
    const std::lock_guard lock(mutex_);
    if (changes_.contains(topic)) {
      waiting_.push_back({std::string(topic), &executor, std::move(waiter)});
      return std::exchange(failed_, false);
    }
  }
  executor.post([waiter = std::move(waiter)]() mutable { waiter(Status()); });
  return false;
}

}  // namespace ogive::broker
