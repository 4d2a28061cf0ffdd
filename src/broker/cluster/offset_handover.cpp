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

OffsetHandover::OffsetHandover(OffsetTable& offsets, StateFile note)
    : offsets_(offsets), masters_(look()), note_(std::move(note)) {
  load_note();
  note_.set_source([this] {
    const std::lock_guard lock(mutex_);
    noted_ = untold();
    return protocol::to_json(protocol::UntoldOffsetList{*noted_}, protocol::JsonStyle{.pretty = true});
  });
  offsets_.set_before_write([this] { save_note(); });
}

// ---- The note ----

void OffsetHandover::load_note() {
  const auto loaded = note_.load([this](std::string_view json) -> Status {
    auto list = protocol::from_json<protocol::UntoldOffsetList>(json);
    if (!list) return fail(std::move(list).error());
    restore(list->offsets);
    noted_ = std::move(list->offsets);
    return {};
  });
  if (loaded) return;
  noted_.reset();
  OGIVE_LOG(error, "broker",
            "what was consumed here while the master was away, and it was not told of, may be consumed again: {}",
            loaded.error().message());
}

void OffsetHandover::restore(const Untold& untold) {
  for (const protocol::UntoldOffset& one : untold) {
    if (topic_name_error(one.topic) || group_name_error(one.group)) continue;
    const std::int64_t ours = offsets_.committed(one.group, one.topic, one.queue_id);
    // The table may be a save older than the note. One that is further has been written by somebody who knew nothing
    // of the note: then it is not known whose word that is.
    if (ours > one.offset || ours <= one.masters || one.masters < kNoOffset) continue;
    const std::string key = one.topic + "@" + one.group;
    restored_[key][one.queue_id] = masters_[key][one.queue_id] = one.masters;
  }
}

// Before the table: had that been written alone, the next start would take its offsets for the master's. A note of what
// the table does not hold says nothing.
void OffsetHandover::save_note() {
  note_.retry();
  {
    const std::lock_guard lock(mutex_);
    if (noted_ && *noted_ == untold()) return;
  }
  if (Status saved = note_.save_now(); !saved) {
    OGIVE_LOG(error, "broker", "{} was not saved: {}", note_.path(), saved.error().message());
    const std::lock_guard lock(mutex_);
    noted_.reset();
  }
}

OffsetHandover::Untold OffsetHandover::untold() const {
  static const Queues kNothing;
  Untold untold;
  for (const QueueOffsetsPtr& entry : offsets_.entries()) {
    const auto found = masters_.find(entry->topic() + "@" + entry->group());
    const Queues& masters = found == masters_.end() ? kNothing : found->second;
    for (const auto& [queue, ours] : entry->all_committed()) {
      const std::int64_t before = value_of(masters, queue);
      if (ours > before) untold.push_back({entry->topic(), entry->group(), queue, ours, before});
    }
  }
  std::ranges::sort(untold);  // The table has no order.
  return untold;
}

// ---- The master's word ----

// What the master knew of a group when this broker stopped, and does not any more, was deleted there meanwhile: under
// the same name there may be another topic.
void OffsetHandover::drop_deleted(const protocol::ConsumerOffsetSerializeWrapper& masters, const Offsets& seen) {
  for (const auto& [key, queues] : std::exchange(restored_, {})) {
    const auto theirs = masters.offset_table.find(key);
    const auto ours = seen.find(key);
    for (const auto& [queue, before] : queues) {
      if (before == kNoOffset || ours == seen.end()) continue;
      if (theirs != masters.offset_table.end() && theirs->second.contains(queue)) continue;
      masters_[key][queue] = value_of(ours->second, queue);
    }
  }
}

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
  drop_deleted(masters, seen);
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
  note_gone(masters);
  return ahead;
}

void OffsetHandover::note_gone(const protocol::ConsumerOffsetSerializeWrapper& masters) {
  gone_.clear();
  for (const auto& [key, queues] : masters_) {
    const auto theirs = masters.offset_table.find(key);
    for (const auto& [queue, offset] : queues) {
      if (offset == kNoOffset) continue;
      if (theirs == masters.offset_table.end() || !theirs->second.contains(queue)) gone_[key].insert(queue);
    }
  }
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
    const auto gone = gone_.find(key);
    for (auto& [queue, offset] : queues) {
      if (gone != gone_.end() && gone->second.contains(queue)) continue;
      offset = std::min(offset, theirs == masters.offset_table.end() ? kNoOffset : value_of(theirs->second, queue));
    }
  }
}

void OffsetHandover::told(const AheadOffset& offset) {
  bool noted = false;
  {
    const std::lock_guard lock(mutex_);
    const std::string key = offset.topic + "@" + offset.group;
    masters_[key][offset.queue] = offset.offset;
    if (const auto gone = gone_.find(key); gone != gone_.end()) gone->second.erase(offset.queue);
    noted = !noted_ || !noted_->empty();
  }
  // At once: from now on an older offset at the master is a reset.
  if (noted) note_.save_soon();
}

}  // namespace ogive::broker
