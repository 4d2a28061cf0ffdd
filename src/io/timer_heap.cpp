#include "io/timer_heap.h"

#include <utility>

namespace ogive::io {

TimerId TimerHeap::add(std::int64_t deadline_ns, Task task) {
  std::uint32_t slot;
  if (free_slots_.empty()) {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  slots_[slot].task = std::move(task);
  heap_.emplace_back();
  put(heap_.size() - 1, Entry{deadline_ns, next_sequence_++, slot});
  sift_up(heap_.size() - 1);
  return TimerId(static_cast<std::uint64_t>(slots_[slot].generation) << 32 | slot);
}

Task TimerHeap::remove(TimerId timer) {
  const auto slot = static_cast<std::uint32_t>(timer.value());
  const auto generation = static_cast<std::uint32_t>(timer.value() >> 32);
  if (slot >= slots_.size() || slots_[slot].generation != generation || !slots_[slot].task) return {};
  return remove_at(slots_[slot].position);
}

std::optional<Task> TimerHeap::take_due(std::int64_t now_ns, std::uint64_t before) {
  // A timer added during this round with an earlier deadline than older due ones waits in front of them until the next.
  if (heap_.empty() || heap_.front().deadline_ns > now_ns || heap_.front().sequence >= before) return std::nullopt;
  return remove_at(0);
}

std::vector<Task> TimerHeap::take_all() {
  std::vector<Task> tasks;
  while (!heap_.empty()) tasks.push_back(remove_at(heap_.size() - 1));
  return tasks;
}

Task TimerHeap::remove_at(std::size_t position) {
  const std::uint32_t slot = heap_[position].slot;
  Task task = std::exchange(slots_[slot].task, Task());
  if (++slots_[slot].generation == 0) slots_[slot].generation = 1;  // Ids are never zero.
  free_slots_.push_back(slot);
  const Entry last = heap_.back();
  heap_.pop_back();
  if (position < heap_.size()) {
    put(position, last);
    sift_up(position);
    sift_down(slots_[last.slot].position);
  }
  return task;
}

void TimerHeap::sift_up(std::size_t position) {
  const Entry entry = heap_[position];
  while (position > 0) {
    const std::size_t parent = (position - 1) / 2;
    if (!earlier(entry, heap_[parent])) break;
    put(position, heap_[parent]);
    position = parent;
  }
  put(position, entry);
}

void TimerHeap::sift_down(std::size_t position) {
  const Entry entry = heap_[position];
  for (;;) {
    std::size_t child = position * 2 + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && earlier(heap_[child + 1], heap_[child])) ++child;
    if (!earlier(heap_[child], entry)) break;
    put(position, heap_[child]);
    position = child;
  }
  put(position, entry);
}

}  // namespace ogive::io
