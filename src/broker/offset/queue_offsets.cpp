#include "broker/offset/offset_table.h"

namespace ogive::broker {

QueueOffsets::QueueOffsets(std::string topic, std::string group, std::shared_ptr<OffsetTableCounters> counters)
    : topic_(std::move(topic)), group_(std::move(group)), counters_(std::move(counters)) {}

QueueOffsets::Cell* QueueOffsets::cell(std::int32_t queue) {
  const auto found = cells_.find(queue);
  if (found != cells_.end()) return &found->second;
  if (queue < 0 || cells_.size() >= kMaxQueues) return nullptr;
  return &cells_[queue];
}

bool QueueOffsets::commit(std::int32_t queue, std::int64_t offset) {
  return commit(queue, std::nullopt, offset);
}

bool QueueOffsets::commit_if(std::int32_t queue, std::int64_t expected, std::int64_t offset) {
  return commit(queue, std::optional(expected), offset);
}

bool QueueOffsets::commit(std::int32_t queue, std::optional<std::int64_t> expected, std::int64_t offset) {
  if (offset < 0) return false;
  {
    std::lock_guard lock(mutex_);
    if (!attached_.load(std::memory_order_relaxed)) return false;
    Cell* at = cell(queue);
    if (at == nullptr || at->reset != kNoOffset) return false;
    if (expected && at->committed != *expected) return false;
    if (at->committed == offset) return true;
    at->committed = offset;
  }
  counters_->commits.fetch_add(1, std::memory_order_relaxed);
  // Most commits find the flag set already: no write to a shared cache line then.
  if (!counters_->dirty.load(std::memory_order_relaxed)) counters_->dirty.store(true, std::memory_order_release);
  return true;
}

std::int64_t QueueOffsets::committed(std::int32_t queue) const {
  std::lock_guard lock(mutex_);
  const auto found = cells_.find(queue);
  if (found == cells_.end()) return kNoOffset;
  return found->second.reset != kNoOffset ? found->second.reset : found->second.committed;
}

void QueueOffsets::record_pull(std::int32_t queue, std::int64_t offset) {
  if (offset < 0) return;
  std::lock_guard lock(mutex_);
  if (Cell* at = cell(queue)) at->pulled = offset;
}

std::int64_t QueueOffsets::pulled(std::int32_t queue) const {
  std::lock_guard lock(mutex_);
  const auto found = cells_.find(queue);
  if (found == cells_.end()) return kNoOffset;
  const Cell& at = found->second;
  if (at.pulled != kNoOffset) return at.pulled;
  return at.reset != kNoOffset ? at.reset : at.committed;
}

bool QueueOffsets::has_reset(std::int32_t queue) const {
  if (!has_reset()) return false;
  std::lock_guard lock(mutex_);
  const auto found = cells_.find(queue);
  return found != cells_.end() && found->second.reset != kNoOffset;
}

void QueueOffsets::assign_reset(std::int32_t queue, std::int64_t offset) {
  if (offset < 0) return;
  {
    std::lock_guard lock(mutex_);
    Cell* at = cell(queue);
    if (at == nullptr) return;
    if (at->reset == kNoOffset) resets_.fetch_add(1, std::memory_order_release);
    at->reset = offset;
    at->committed = offset;
  }
  counters_->commits.fetch_add(1, std::memory_order_relaxed);
  counters_->dirty.store(true, std::memory_order_release);
}

std::optional<std::int64_t> QueueOffsets::take_reset(std::int32_t queue) {
  if (!has_reset()) return std::nullopt;
  std::lock_guard lock(mutex_);
  const auto found = cells_.find(queue);
  if (found == cells_.end() || found->second.reset == kNoOffset) return std::nullopt;
  resets_.fetch_sub(1, std::memory_order_release);
  return std::exchange(found->second.reset, kNoOffset);
}

std::map<std::int32_t, std::int64_t> QueueOffsets::all_committed() const {
  std::map<std::int32_t, std::int64_t> offsets;
  std::lock_guard lock(mutex_);
  for (const auto& [queue, at] : cells_) {
    if (at.committed != kNoOffset) offsets[queue] = at.committed;
  }
  return offsets;
}

std::map<std::int32_t, std::int64_t> QueueOffsets::all_pulled() const {
  std::map<std::int32_t, std::int64_t> offsets;
  std::lock_guard lock(mutex_);
  for (const auto& [queue, at] : cells_) {
    if (at.pulled != kNoOffset) offsets[queue] = at.pulled;
  }
  return offsets;
}

bool QueueOffsets::limit(std::int32_t queue, std::int64_t end) {
  std::lock_guard lock(mutex_);
  const auto found = cells_.find(queue);
  if (found == cells_.end() || found->second.committed <= end) return false;
  found->second.committed = end;
  return true;
}

bool QueueOffsets::empty() const {
  std::lock_guard lock(mutex_);
  for (const auto& [queue, at] : cells_) {
    if (at.committed != kNoOffset) return false;
  }
  return true;
}

void QueueOffsets::detach() {
  std::lock_guard lock(mutex_);
  attached_.store(false, std::memory_order_release);
}

}  // namespace ogive::broker
