#include "broker/consume/parked_pulls.h"

#include "store/queue/consume_queue.h"

namespace ogive::broker {

ParkedPulls::ParkedPulls(io::Executor& executor, std::size_t limit, Expired expired)
    : executor_(executor), limit_(limit), expired_(std::move(expired)) {}

ParkedPulls::~ParkedPulls() {
  take_all();
}

bool ParkedPulls::park(PullTask task) {
  if (count_ >= limit_) return false;
  std::uint32_t index;
  if (free_.empty()) {
    index = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  store::ConsumeQueue* queue = task.queue;
  Slot& slot = slots_[index];
  const std::int64_t wait_ms = std::max<std::int64_t>(task.deadline_ms - executor_.clock().monotonic_ms(), 0);
  slot.timer = executor_.run_after(Milliseconds(wait_ms), [this, index] { expire(index); });
  slot.task = std::move(task);
  slot.used = true;
  ++count_;
  by_queue_[queue].push_back(index);
  queue->parked_polls.fetch_add(1, std::memory_order_seq_cst);
  return true;
}

PullTask ParkedPulls::release(std::uint32_t index) {
  Slot& slot = slots_[index];
  slot.used = false;
  slot.task.queue->parked_polls.fetch_sub(1, std::memory_order_relaxed);
  --count_;
  free_.push_back(index);
  return std::move(slot.task);
}

void ParkedPulls::expire(std::uint32_t index) {
  const auto found = by_queue_.find(slots_[index].task.queue);
  std::erase(found->second, index);
  if (found->second.empty()) by_queue_.erase(found);
  expired_(release(index));
}

std::vector<PullTask> ParkedPulls::take(store::ConsumeQueue& queue) {
  std::vector<PullTask> tasks;
  const auto found = by_queue_.find(&queue);
  if (found == by_queue_.end()) return tasks;
  tasks.reserve(found->second.size());
  for (const std::uint32_t index : found->second) {
    executor_.cancel(slots_[index].timer);
    tasks.push_back(release(index));
  }
  by_queue_.erase(found);
  return tasks;
}

std::vector<PullTask> ParkedPulls::take_all() {
  std::vector<PullTask> tasks;
  for (std::uint32_t index = 0; index < slots_.size(); ++index) {
    if (!slots_[index].used) continue;
    executor_.cancel(slots_[index].timer);
    tasks.push_back(release(index));
  }
  by_queue_.clear();
  return tasks;
}

}  // namespace ogive::broker
