#include "broker/cluster/offset_handover.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/log.h"
#include "broker/topic/names.h"

namespace ogive::broker {
namespace {

std::int64_t value_of(const std::map<std::int32_t, std::int64_t>& queues, std::int32_t queue) {
  const auto found = queues.find(queue);
  return found == queues.end() ? kNoOffset : found->second;
}

/// "topic@group"; the group is empty where there is no @.
std::pair<std::string_view, std::string_view> split(std::string_view key) {
  const std::size_t at = key.find('@');
  return {key.substr(0, at), at == std::string_view::npos ? std::string_view() : key.substr(at + 1)};
}

}  // namespace

OffsetHandover::OffsetHandover(OffsetTable& offsets) : offsets_(offsets), masters_(look()) {}

OffsetHandover::Offsets OffsetHandover::look() const {
  Offsets seen;
  for (const QueueOffsetsPtr& entry : offsets_.entries()) {
    seen.emplace(entry->topic() + "@" + entry->group(), entry->all_committed());
  }
  return seen;
}

std::vector<AheadOffset> OffsetHandover::take(const protocol::ConsumerOffsetSerializeWrapper& masters,
                                              const Offsets& seen) {
  const std::lock_guard lock(mutex_);
  std::vector<AheadOffset> ahead;
  std::map<std::string, std::set<std::int32_t>, std::less<>> stays;
  // Ours first: what was committed here since the last time and is newer than the master's.
  for (const auto& [key, all] : seen) {
    const Queues& before = masters_[key];
    const auto theirs = masters.offset_table.find(key);
    for (const auto& [queue, ours] : all) {
      if (ours == value_of(before, queue)) continue;
      const std::int64_t masters_value =
          theirs == masters.offset_table.end() ? kNoOffset : value_of(theirs->second, queue);
      if (ours <= masters_value) continue;
      const auto [topic, group] = split(key);
      ahead.push_back({std::string(group), std::string(topic), queue, ours, masters_value});
      stays[key].insert(queue);
    }
  }
  static const Queues kNothing;
  for (const auto& [key, queues] : masters.offset_table) {
    const auto [topic, group] = split(key);
    if (topic_name_error(topic) || group_name_error(group)) {
      OGIVE_LOG(error, "broker", "offsets of the master are left out: \"{}\" is not topic@group", key);
      continue;
    }
    Queues& before = masters_[key];
    const auto kept = stays.find(key);
    const auto found = seen.find(key);
    const Queues& ours = found == seen.end() ? kNothing : found->second;
    const QueueOffsetsPtr entry = offsets_.entry(group, topic);
    if (!entry) continue;
    for (const auto& [queue, offset] : queues) {
      if (value_of(before, queue) == offset) continue;  // Nothing new from the master.
      if (kept != stays.end() && kept->second.contains(queue)) continue;
      // Unless somebody has committed here since we looked: the next time decides that.
      if (entry->commit_if(queue, value_of(ours, queue), offset)) before[queue] = offset;
    }
  }
  return ahead;
}

void OffsetHandover::forget_topic(std::string_view topic) {
  const std::lock_guard lock(mutex_);
  std::erase_if(masters_, [topic](const auto& one) { return one.first.substr(0, one.first.find('@')) == topic; });
}

void OffsetHandover::forget_group(std::string_view group) {
  const std::lock_guard lock(mutex_);
  std::erase_if(masters_, [group](const auto& one) { return one.first.substr(one.first.find('@') + 1) == group; });
}

void OffsetHandover::forgotten(const protocol::ConsumerOffsetSerializeWrapper& masters) {
  const std::lock_guard lock(mutex_);
  for (auto& [key, queues] : masters_) {
    const auto theirs = masters.offset_table.find(key);
    for (auto& [queue, offset] : queues) {
      offset = std::min(offset, theirs == masters.offset_table.end() ? kNoOffset : value_of(theirs->second, queue));
    }
  }
}

void OffsetHandover::told(const AheadOffset& offset) {
  const std::lock_guard lock(mutex_);
  masters_[offset.topic + "@" + offset.group][offset.queue] = offset.offset;
}

}  // namespace ogive::broker
