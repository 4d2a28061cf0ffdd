#pragma once
// The real TaskPool: a fixed number of threads behind one bounded queue.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "io/task_pool.h"

namespace ogive::io {

/// Threads are named `<name>-1` … The destructor waits for the tasks under way and drops those not begun.
class BlockingLane final : public TaskPool {
 public:
  BlockingLane(std::string name, unsigned threads, std::size_t max_queued);
  ~BlockingLane() override;
  BlockingLane(const BlockingLane&) = delete;
  BlockingLane& operator=(const BlockingLane&) = delete;

  Status post(Task task) override;
  /// Tasks waiting for a thread.
  std::size_t queued() const;

 private:
  void run();

  const std::string name_;
  const std::size_t max_queued_;
  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::deque<Task> queue_;  ///< Under mutex_.
  bool stopping_ = false;   ///< Under mutex_.
  std::vector<std::thread> threads_;
};

}  // namespace ogive::io
