#include "testing/event_heap.h"

#include <algorithm>

#include "base/check.h"

namespace ogive::sim {

EventHeap::Id EventHeap::add(SimExecutor* owner, io::Task task) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  Slot& slot = slots_[index];
  slot.task = std::move(task);
  slot.owner = owner;
  slot.used = true;
  slot.scheduled = false;
  ++slot.generation;
  return (static_cast<Id>(slot.generation) << 32) | (index + 1);
}

void EventHeap::schedule(Id id, std::int64_t at_ns) {
  OGIVE_CHECK(live(id));
  slots_[slot_of(id)].scheduled = true;
  heap_.push_back({at_ns, ++sequence_, id});
  std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
}

bool EventHeap::live(Id id) const {
  const std::size_t index = slot_of(id);
  return index < slots_.size() && slots_[index].used && slots_[index].generation == id >> 32;
}

io::Task EventHeap::take(Id id) {
  if (!live(id)) return {};
  Slot& slot = slots_[slot_of(id)];
  io::Task task = std::move(slot.task);
  slot.task = nullptr;
  slot.used = false;
  if (slot.scheduled) ++dropped_;
  free_.push_back(static_cast<std::uint32_t>(slot_of(id)));
  if (dropped_ > 1024 && dropped_ > heap_.size() / 2) compact();
  return task;
}

void EventHeap::drop_all_of(const SimExecutor* owner) {
  // Destroying a task may add or drop others, so they are collected first.
  std::vector<io::Task> dead;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (!slots_[i].used || slots_[i].owner != owner) continue;
    dead.push_back(take((static_cast<Id>(slots_[i].generation) << 32) | (i + 1)));
  }
}

void EventHeap::clear() {
  std::vector<io::Task> dead;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].used) dead.push_back(take((static_cast<Id>(slots_[i].generation) << 32) | (i + 1)));
  }
}

std::optional<std::int64_t> EventHeap::next_time() {
  skip_dropped();
  if (heap_.empty()) return std::nullopt;
  return heap_.front().at_ns;
}

EventHeap::Id EventHeap::pop() {
  skip_dropped();
  OGIVE_CHECK(!heap_.empty());
  const Id id = heap_.front().id;
  std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
  heap_.pop_back();
  slots_[slot_of(id)].scheduled = false;
  return id;
}

void EventHeap::skip_dropped() {
  while (!heap_.empty() && !live(heap_.front().id)) {
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
    heap_.pop_back();
    --dropped_;
  }
}

void EventHeap::compact() {
  std::erase_if(heap_, [this](const Entry& entry) { return !live(entry.id); });
  std::make_heap(heap_.begin(), heap_.end(), std::greater<>());
  dropped_ = 0;
}

}  // namespace ogive::sim
