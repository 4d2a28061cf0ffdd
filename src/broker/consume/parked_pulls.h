#pragma once
// Long polls of one reactor: pulls that wait for the next message of their queue.

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "broker/consume/pull_task.h"
#include "io/executor.h"

namespace ogive::broker {

/// One reactor's thread only. Each queue's `parked_polls` counts what waits here, so that the append path can skip
/// queues nobody waits for.
class ParkedPulls {
 public:
  using Expired = std::function<void(PullTask)>;

  ParkedPulls(io::Executor& executor, std::size_t limit, Expired expired);
  ~ParkedPulls();

  /// Keeps `task` until take() or until its deadline, when it is handed to the expiry function. False when the
  /// table is full: the caller answers at once.
  bool park(PullTask task);
  /// Removes and returns everything that waits for `queue`.
  std::vector<PullTask> take(store::ConsumeQueue& queue);
  /// Removes and returns everything (shutdown).
  std::vector<PullTask> take_all();
  std::size_t size() const { return count_; }

 private:
  struct Slot {
    PullTask task;
    io::TimerId timer;
    bool used = false;
  };
  PullTask release(std::uint32_t slot);
  void expire(std::uint32_t slot);

  io::Executor& executor_;
  const std::size_t limit_;
  const Expired expired_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  absl::flat_hash_map<store::ConsumeQueue*, std::vector<std::uint32_t>> by_queue_;
  std::size_t count_ = 0;
};

}  // namespace ogive::broker
