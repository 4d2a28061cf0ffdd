#include "broker/session/queue_locks.h"

#include "base/log.h"

namespace ogive::broker {
namespace {

std::string key_of(const protocol::MessageQueue& queue) {
  std::string key = queue.topic;
  key.push_back('\0');
  key.append(queue.broker_name);
  key.push_back('\0');
  key.append(std::to_string(queue.queue_id));
  return key;
}

}  // namespace

std::vector<protocol::MessageQueue> QueueLocks::lock(std::string_view group, std::string_view client_id,
                                                     const std::vector<protocol::MessageQueue>& queues) {
  std::vector<protocol::MessageQueue> granted;
  const std::int64_t now = clock_.monotonic_ms();
  std::lock_guard guard(mutex_);
  if (!groups_.contains(group) && groups_.size() >= kMaxGroups) return granted;
  auto& locks = groups_[std::string(group)];
  for (const protocol::MessageQueue& queue : queues) {
    const std::string key = key_of(queue);
    auto found = locks.find(key);
    if (found == locks.end()) {
      if (locks.size() >= kMaxLocksPerGroup) {
        absl::erase_if(locks, [&](const auto& item) { return expired(item.second, now); });
        if (locks.size() >= kMaxLocksPerGroup) continue;
      }
      found = locks.try_emplace(key, Lock{std::string(client_id), now}).first;
    } else if (found->second.client_id != client_id) {
      if (!expired(found->second, now)) continue;
      OGIVE_LOG(warn, "broker", "group {}: the lock of {} on {}:{} ran out and goes to {}", group,
                found->second.client_id, queue.topic, queue.queue_id, client_id);
      found->second.client_id = client_id;
    }
    found->second.renewed_ms = now;
    granted.push_back(queue);
  }
  return granted;
}

void QueueLocks::unlock(std::string_view group, std::string_view client_id,
                        const std::vector<protocol::MessageQueue>& queues) {
  std::lock_guard guard(mutex_);
  const auto locks = groups_.find(group);
  if (locks == groups_.end()) return;
  for (const protocol::MessageQueue& queue : queues) {
    const auto found = locks->second.find(key_of(queue));
    if (found != locks->second.end() && found->second.client_id == client_id) locks->second.erase(found);
  }
  if (locks->second.empty()) groups_.erase(locks);
}

bool QueueLocks::any_locked(std::string_view group) const {
  std::lock_guard guard(mutex_);
  const auto locks = groups_.find(group);
  if (locks == groups_.end()) return false;
  const std::int64_t now = clock_.monotonic_ms();
  for (const auto& [key, lock] : locks->second) {
    if (!expired(lock, now)) return true;
  }
  return false;
}

bool QueueLocks::locked(std::string_view group, const protocol::MessageQueue& queue) const {
  std::lock_guard guard(mutex_);
  const auto locks = groups_.find(group);
  if (locks == groups_.end()) return false;
  const auto found = locks->second.find(key_of(queue));
  return found != locks->second.end() && !expired(found->second, clock_.monotonic_ms());
}

}  // namespace ogive::broker
