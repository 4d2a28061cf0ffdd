#include "io/blocking_lane.h"

#include <fmt/core.h>

#include <utility>

#include "base/check.h"
#include "base/thread_name.h"

namespace ogive::io {

BlockingLane::BlockingLane(std::string name, unsigned threads, std::size_t max_queued)
    : name_(std::move(name)), max_queued_(max_queued) {
  OGIVE_CHECK(threads > 0 && max_queued > 0);
  for (unsigned i = 1; i <= threads; ++i) {
    threads_.emplace_back([this, i] {
      set_thread_name(fmt::format("{}-{}", name_, i));
      run();
    });
  }
}

BlockingLane::~BlockingLane() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

Status BlockingLane::post(Task task) {
  {
    const std::scoped_lock lock(mutex_);
    if (queue_.size() >= max_queued_) {
      return fail(Errc::kLimit,
                  fmt::format("{} tasks are waiting for the {} threads of '{}'; retry later, or raise its limits",
                              queue_.size(), threads_.size(), name_));
    }
    queue_.push_back(std::move(task));
  }
  work_.notify_one();
  return {};
}

std::size_t BlockingLane::queued() const {
  const std::scoped_lock lock(mutex_);
  return queue_.size();
}

void BlockingLane::run() {
  for (;;) {
    Task task;
    {
      std::unique_lock lock(mutex_);
      work_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (stopping_) return;
      task = std::move(queue_.front());
      queue_.pop_front();
    }
    task();
  }
}

}  // namespace ogive::io
