#include "replication/replica_set.h"

#include <algorithm>

#include "base/log.h"

namespace ogive::replication {

ReplicaSet::ReplicaSet(const Clock& clock, const store::Watermark& appended, store::Watermark& replicated)
    : clock_(clock), appended_(appended), replicated_(replicated) {}

void ReplicaSet::set_rule(const ReplicaRule& rule) {
  std::unique_lock lock(mutex_);
  rule_ = rule;
  update(std::move(lock));
}

ReplicaSet::Id ReplicaSet::add(const io::Endpoint& remote, PhysicalOffset begin) {
  std::unique_lock lock(mutex_);
  const Id id = next_id_++;
  Replica& replica = replicas_[id];
  replica.state.remote = remote;
  replica.state.sent = replica.begin = replica.rate_from = begin.value();
  replica.rate_since_ms = clock_.monotonic_ms();
  update(std::move(lock));
  return id;
}

void ReplicaSet::remove(Id id) {
  std::unique_lock lock(mutex_);
  const auto found = replicas_.find(id);
  if (found == replicas_.end()) return;
  OGIVE_LOG(warn, "replication", "slave {} is gone at offset {}, {} bytes behind",
            found->second.state.remote.to_string(), found->second.state.acknowledged,
            appended_.value().value() - found->second.state.acknowledged);
  replicas_.erase(found);
  update(std::move(lock));
}

void ReplicaSet::acknowledge(Id id, PhysicalOffset offset, PhysicalOffset whole) {
  std::unique_lock lock(mutex_);
  const auto found = replicas_.find(id);
  if (found == replicas_.end()) return;
  ReplicaState& state = found->second.state;
  state.acknowledged = std::max(state.acknowledged, offset.value());
  state.whole = std::max(state.whole, whole.value());
  update(std::move(lock));
}

void ReplicaSet::note_sent(Id id, PhysicalOffset sent) {
  const std::lock_guard lock(mutex_);
  const auto found = replicas_.find(id);
  if (found == replicas_.end()) return;
  Replica& replica = found->second;
  replica.state.sent = sent.value();
  const std::int64_t now_ms = clock_.monotonic_ms();
  if (const std::int64_t past_ms = now_ms - replica.rate_since_ms; past_ms >= 1'000) {
    replica.state.bytes_per_second = (replica.state.sent - replica.rate_from) * 1'000 / past_ms;
    replica.rate_from = replica.state.sent;
    replica.rate_since_ms = now_ms;
  }
}

void ReplicaSet::refresh() {
  std::unique_lock lock(mutex_);
  update(std::move(lock));
}

void ReplicaSet::update(std::unique_lock<std::mutex> lock) {
  const std::int64_t end = appended_.value().value();
  acknowledged_.clear();
  std::uint32_t in_sync = 0;
  for (auto& [id, replica] : replicas_) {
    ReplicaState& state = replica.state;
    const std::int64_t has = std::max(state.acknowledged, replica.begin);
    const bool now_in_sync = end - has <= rule_.max_gap_bytes;
    if (now_in_sync != state.in_sync) {
      OGIVE_LOG(warn, "replication", "slave {} {}: it has the log up to {}, we up to {}", state.remote.to_string(),
                now_in_sync ? "is in sync" : "is no longer in sync", has, end);
      state.in_sync = now_in_sync;
    }
    if (now_in_sync) ++in_sync;
    if (state.whole > 0) acknowledged_.push_back(state.whole);
  }
  std::uint32_t needed = rule_.slaves;
  if (rule_.as_many_as_there_are) needed = std::min(needed, std::max(in_sync, rule_.least));
  needed_.store(needed, std::memory_order_release);
  available_.store(in_sync >= needed, std::memory_order_release);
  // Where none are needed nobody begins to wait, and the mark stays what slaves have said.
  if (needed == 0 || acknowledged_.size() < needed) return;
  const auto nth = acknowledged_.begin() + static_cast<std::ptrdiff_t>(needed - 1);
  std::ranges::nth_element(acknowledged_, nth, std::greater<>());
  const PhysicalOffset mark(*nth);
  lock.unlock();
  replicated_.advance(mark);
}

std::vector<ReplicaState> ReplicaSet::snapshot() const {
  const std::lock_guard lock(mutex_);
  std::vector<ReplicaState> states;
  for (const auto& [id, replica] : replicas_) states.push_back(replica.state);
  return states;
}

}  // namespace ogive::replication
