#include "testing/cluster/history.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/clock.h"

namespace ogive::sim {
namespace {

/// What nobody waited for is flushed half a second after it came (flushIntervalCommitLog) plus the time of slow syncs.
constexpr std::int64_t kFlushSlackMs = 2'500;
constexpr std::size_t kIdDigits = 8;
constexpr std::size_t kMaxViolations = 20;

std::uint64_t hash_of(ByteView bytes) {
  std::uint64_t state = 0xcbf29ce484222325ULL;
  for (const std::byte b : bytes) state = (state ^ static_cast<std::uint64_t>(b)) * 0x100000001b3ULL;
  return state;
}

}  // namespace

std::string QueueName::text() const {
  return fmt::format("{}/{}/{}", broker, topic, id);
}

std::string History::make_body(std::uint64_t id, std::size_t bytes) const {
  std::string body = fmt::format("{:08x}", id);
  Random random(seed_ * 1'000'003 + id);
  body.reserve(bytes + 8);
  while (body.size() < bytes) {
    const std::uint64_t word = random.next();
    body.append(reinterpret_cast<const char*>(&word), sizeof word);
  }
  return body;
}

SentMessage& History::create(const std::string& topic, const std::string& tag, std::size_t body_bytes) {
  SentMessage& message = messages_.emplace_back();
  message.id = messages_.size();
  message.topic = topic;
  message.tag = tag;
  message.body = make_body(message.id, body_bytes);
  return message;
}

const SentMessage* History::identify(std::string_view body) const {
  std::uint64_t id = 0;
  if (body.size() < kIdDigits) return nullptr;
  const auto [end, error] = std::from_chars(body.data(), body.data() + kIdDigits, id, 16);
  if (error != std::errc() || end != body.data() + kIdDigits || id == 0 || id > messages_.size()) return nullptr;
  const SentMessage& message = messages_[static_cast<std::size_t>(id - 1)];
  return message.body == body ? &message : nullptr;
}

void History::consumed(const std::string& group, const QueueName& queue, const message::RecordView& record,
                       ByteView bytes, std::int64_t now_ms) {
  const SentMessage* sent = identify(as_chars(record.body));
  if (sent == nullptr) {
    return violation(
        fmt::format("{} read a message at {} offset {} that nobody sent", group, queue.text(), record.queue_offset));
  }
  seen_[{group, sent->id}] = true;
  const Consumed now{sent->id, hash_of(bytes), now_ms};
  auto [entry, fresh] = consumed_[{group, queue}].try_emplace(record.queue_offset, now);
  if (fresh) return;
  ++repeats_.all;
  if (may_forget_ && !power_lost_after(queue.broker, 0)) {
    // What binds nobody any more is gone since the offset was read.
    std::int64_t committed = -1;
    for (const Commit& commit : commits_[{group, queue}]) committed = std::max(committed, commit.offset);
    repeats_.judged += committed >= 0 ? 1 : 0;
    if (record.queue_offset < committed) {
      violation(fmt::format("{} had message {} of {} offset {} again at {} ms, though it had committed {}", group,
                            now.message, queue.text(), record.queue_offset, now_ms, committed));
    }
  }
  if (entry->second.hash != now.hash && !power_lost_after(queue.broker, entry->second.at_ms)) {
    violation(fmt::format("{} read message {} and later {} at {} offset {}", group, entry->second.message, now.message,
                          queue.text(), record.queue_offset));
  }
  entry->second = now;
}

void History::committed(const std::string& group, const QueueName& queue, std::int64_t offset, OffsetAnswer answer) {
  commits_[{group, queue}].push_back({offset, std::move(answer)});
}

bool History::may_forget(const std::string& broker, const OffsetAnswer& committed, const OffsetAnswer& read) const {
  if (may_forget_) return may_forget_(broker, committed, read);
  const auto bad = bad_disks_.find(broker);
  if (bad != bad_disks_.end() && !bad->second.empty()) return true;
  return std::ranges::any_of(crashes(broker), [&](const Crash& crash) {
    return crash.at_ms >= committed.at_ms && crash.at_ms - committed.at_ms < offset_save_ms_;
  });
}

const History::Commit* History::binding_commit(const ConsumedKey& key, const OffsetAnswer& read) const {
  const auto found = commits_.find(key);
  const Commit* binding = nullptr;
  if (found == commits_.end()) return binding;
  for (const Commit& commit : found->second) {
    if (binding != nullptr && commit.offset <= binding->offset) continue;
    if (!may_forget(key.second.broker, commit.answer, read)) binding = &commit;
  }
  return binding;
}

void History::offset_read(const std::string& group, const QueueName& queue, std::int64_t offset,
                          const OffsetAnswer& answer) {
  const ConsumedKey key{group, queue};
  const Commit* expected = binding_commit(key, answer);
  repeats_.judged += expected != nullptr ? 1 : 0;
  if (expected != nullptr && offset < expected->offset && !power_lost_after(queue.broker, 0)) {
    violation(fmt::format("{} committed offset {} of {} to {} at {} ms and reads {} from {} at {} ms", group,
                          expected->offset, queue.text(), expected->answer.node, expected->answer.at_ms, offset,
                          answer.node, answer.at_ms));
  }
  std::erase_if(commits_[key], [offset](const Commit& commit) { return commit.offset > offset; });
}

void History::crashed(const std::string& broker, bool power, std::int64_t now_ms) {
  crashes_[broker].push_back({now_ms, power});
  if (!power) return;
  for (const auto& [key, next] : positions_) {
    if (key.second.broker != broker) continue;
    auto& position = power_positions_[key];
    position = std::max(position, next);
  }
}

void History::disk_went_bad(const std::string& broker, std::int64_t now_ms) {
  bad_disks_[broker].push_back({now_ms});
}

void History::started(const std::string& broker, std::int64_t now_ms) {
  for (BadDisk& bad : bad_disks_[broker]) bad.to_ms = std::min(bad.to_ms, now_ms);
}

const std::vector<Crash>& History::crashes(const std::string& broker) const {
  static const std::vector<Crash> none;
  const auto found = crashes_.find(broker);
  return found == crashes_.end() ? none : found->second;
}

bool History::may_be_lost(const std::string& broker, std::int64_t at_ms, Durability durability) const {
  if (durability == Durability::kPower) return false;
  const auto bad = bad_disks_.find(broker);
  for (const Crash& crash : crashes(broker)) {
    if (!crash.power || crash.at_ms < at_ms) continue;
    if (crash.at_ms - at_ms < kFlushSlackMs) return true;
    if (bad == bad_disks_.end()) continue;
    for (const BadDisk& time : bad->second) {
      if (at_ms > time.from_ms - kFlushSlackMs && at_ms < time.to_ms && crash.at_ms - kFlushSlackMs < time.to_ms) {
        return true;
      }
    }
  }
  return false;
}

bool History::power_lost_after(const std::string& broker, std::int64_t at_ms) const {
  return std::ranges::any_of(crashes(broker), [&](const Crash& crash) { return crash.power && crash.at_ms >= at_ms; });
}

std::int64_t History::position_at_power_loss(const std::string& group, const QueueName& queue) const {
  const auto found = power_positions_.find({group, queue});
  return found == power_positions_.end() ? 0 : found->second;
}

void History::violation(std::string text) {
  if (violations_.size() < kMaxViolations) violations_.push_back(std::move(text));
}

}  // namespace ogive::sim
