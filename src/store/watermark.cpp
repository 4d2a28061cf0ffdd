#include "store/watermark.h"

#include <utility>

namespace ogive::store {

void Watermark::wait(PhysicalOffset offset, io::Executor& executor, Waiter waiter) {
  add(offset, {&executor, std::move(waiter)});
}

void Watermark::wait_in_turn(PhysicalOffset offset, io::Executor& executor, Waiter waiter) {
  add(offset, {&executor, std::move(waiter), true});
}

void Watermark::add(PhysicalOffset offset, Waiting waiting) {
  Status status;
  {
    const std::lock_guard lock(mutex_);
    // Counted before the value is looked at: advance() stores first and counts second, so one of the two sees the
    // other.
    waiter_count_.fetch_add(1, std::memory_order_seq_cst);
    if (!error_ && value_.load(std::memory_order_seq_cst) < offset.value()) {
      waiting_.emplace(offset.value(), std::move(waiting));
      return;
    }
    waiter_count_.fetch_sub(1, std::memory_order_relaxed);
    if (error_ && value_.load(std::memory_order_relaxed) < offset.value()) status = ogive::fail(*error_);
  }
  waiting.executor->post(
      [waiter = std::move(waiting.waiter), status = std::move(status)]() mutable { waiter(std::move(status)); });
}

void Watermark::advance(PhysicalOffset offset) {
  std::int64_t held = value_.load(std::memory_order_relaxed);
  do {
    if (offset.value() <= held) return;
  } while (!value_.compare_exchange_weak(held, offset.value(), std::memory_order_seq_cst));
  if (waiter_count_.load(std::memory_order_seq_cst) == 0) return;

  std::vector<std::pair<io::Executor*, std::vector<Waiter>>> ready;
  std::vector<Waiter> at_once;
  {
    const std::lock_guard lock(mutex_);
    const auto end = waiting_.upper_bound(offset.value());
    for (auto it = waiting_.begin(); it != end; ++it) {
      if (it->second.in_turn && it->second.executor->on_own_thread()) {
        at_once.push_back(std::move(it->second.waiter));
        continue;
      }
      auto group = ready.begin();
      while (group != ready.end() && group->first != it->second.executor) ++group;
      if (group == ready.end()) {
        ready.emplace_back(it->second.executor, std::vector<Waiter>());
        group = std::prev(ready.end());
      }
      group->second.push_back(std::move(it->second.waiter));
    }
    const std::size_t before = waiting_.size();
    waiting_.erase(waiting_.begin(), end);
    waiter_count_.fetch_sub(before - waiting_.size(), std::memory_order_relaxed);
  }
  for (Waiter& waiter : at_once) waiter(Status());
  for (auto& [executor, waiters] : ready) {
    executor->post([taken = std::move(waiters)]() mutable {
      for (Waiter& waiter : taken) waiter(Status());
    });
  }
}

void Watermark::fail(const Error& error) {
  std::multimap<std::int64_t, Waiting> failed;
  {
    const std::lock_guard lock(mutex_);
    if (error_) return;
    error_ = error;
    failed.swap(waiting_);
    waiter_count_.fetch_sub(failed.size(), std::memory_order_relaxed);
  }
  for (auto& [offset, waiting] : failed) {
    waiting.executor->post(
        [waiter = std::move(waiting.waiter), error]() mutable { waiter(Status(ogive::fail(error))); });
  }
}

bool Watermark::has_waiters() const {
  return waiter_count_.load(std::memory_order_acquire) != 0;
}

}  // namespace ogive::store
