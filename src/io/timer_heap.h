#pragma once
// Deadlines of one executor: shared by every Executor implementation.

#include <cstdint>
#include <optional>
#include <vector>

#include "io/executor.h"

namespace ogive::io {

/// Tasks ordered by deadline, then by the order they were added. add, cancel and take_due cost O(log n); a cancelled
/// timer leaves nothing behind. Deadlines are nanoseconds of the owner's clock. One thread only.
class TimerHeap {
 public:
  TimerHeap() = default;
  TimerHeap(const TimerHeap&) = delete;
  TimerHeap& operator=(const TimerHeap&) = delete;

  TimerId add(std::int64_t deadline_ns, Task task);
  /// Takes the timer out; its task is returned so that the caller decides where it is destroyed. Empty for unknown ids.
  Task remove(TimerId timer);

  bool empty() const { return heap_.empty(); }
  std::int64_t next_deadline_ns() const { return heap_.front().deadline_ns; }
  /// Timers added from now on have this sequence number or a larger one.
  std::uint64_t next_sequence() const { return next_sequence_; }
  /// The first task due at `now_ns` among those added before sequence `before`: one round must not run what it adds.
  std::optional<Task> take_due(std::int64_t now_ns, std::uint64_t before = UINT64_MAX);
  /// Takes every task out, in no order (for destructors).
  std::vector<Task> take_all();

 private:
  struct Entry {
    std::int64_t deadline_ns;
    std::uint64_t sequence;
    std::uint32_t slot;
  };
  struct Slot {
    Task task;
    std::uint32_t generation = 1;
    std::uint32_t position = 0;  ///< Index into heap_ while in use.
  };

  static bool earlier(const Entry& a, const Entry& b) {
    return a.deadline_ns != b.deadline_ns ? a.deadline_ns < b.deadline_ns : a.sequence < b.sequence;
  }
  void put(std::size_t position, const Entry& entry) {
    heap_[position] = entry;
    slots_[entry.slot].position = static_cast<std::uint32_t>(position);
  }
  void sift_up(std::size_t position);
  void sift_down(std::size_t position);
  Task remove_at(std::size_t position);

  std::vector<Entry> heap_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::uint64_t next_sequence_ = 0;
};

}  // namespace ogive::io
