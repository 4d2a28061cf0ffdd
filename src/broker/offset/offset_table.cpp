#include "broker/offset/offset_table.h"

#include <fmt/core.h>

#include <set>

#include "base/log.h"
#include "base/rate_limit.h"
#include "broker/topic/names.h"

namespace ogive::broker {
namespace {

std::string key_of(std::string_view group, std::string_view topic) {
  return std::string(topic) + "@" + std::string(group);
}

}  // namespace

OffsetTable::OffsetTable(const Clock& clock, StateFile file, std::uint32_t version_step)
    : clock_(clock),
      version_step_(version_step == 0 ? 1 : version_step),
      counters_(std::make_shared<OffsetTableCounters>()),
      file_(std::move(file)) {
  version_.timestamp = clock_.wall_ms();
  file_.set_source([this] {
    std::string content = encode(true);
    before_write_();
    return content;
  });
}

Status OffsetTable::load() {
  const auto loaded = file_.load([this](std::string_view json) { return decode(json); });
  if (!loaded) return fail(loaded.error());
  counters_->dirty.store(false);
  return {};
}

Status OffsetTable::save_now() {
  counters_->dirty.store(false);
  Status saved = file_.save_now();
  if (!saved) counters_->dirty.store(true);
  return saved;
}

Status OffsetTable::save_changes() {
  counters_->dirty.store(false);
  file_.save_soon();  // Not only when dirty: a timer may have cleared that a moment ago, and not begun its save.
  return file_.save_changes();
}

bool OffsetTable::save_if_dirty() {
  if (!counters_->dirty.exchange(false)) return false;
  file_.save_soon();
  return true;
}

QueueOffsetsPtr OffsetTable::find(std::string_view group, std::string_view topic) const {
  const std::string key = key_of(group, topic);
  std::shared_lock lock(mutex_);
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : found->second;
}

QueueOffsetsPtr OffsetTable::entry(std::string_view group, std::string_view topic) {
  if (QueueOffsetsPtr found = find(group, topic)) return found;
  const std::string key = key_of(group, topic);
  std::unique_lock lock(mutex_);
  if (const auto found = entries_.find(key); found != entries_.end()) return found->second;
  if (entries_.size() >= kMaxEntries) {
    static RateLimit limit(system_clock());
    if (const auto times = limit.allow(); times > 0) {
      OGIVE_LOG(error, "broker", "offsets of {} are not kept: there are {} topic@group pairs, the limit ({} refusals)",
                key, entries_.size(), times);
    }
    return nullptr;
  }
  auto made = std::make_shared<QueueOffsets>(std::string(topic), std::string(group), counters_);
  entries_.emplace(key, made);
  return made;
}

std::int64_t OffsetTable::committed(std::string_view group, std::string_view topic, std::int32_t queue) const {
  const QueueOffsetsPtr found = find(group, topic);
  return found ? found->committed(queue) : kNoOffset;
}

bool OffsetTable::commit(std::string_view group, std::string_view topic, std::int32_t queue, std::int64_t offset) {
  const QueueOffsetsPtr found = entry(group, topic);
  return found && found->commit(queue, offset);
}

std::vector<QueueOffsetsPtr> OffsetTable::entries() const {
  std::vector<QueueOffsetsPtr> entries;
  std::shared_lock lock(mutex_);
  entries.reserve(entries_.size());
  for (const auto& [key, entry] : entries_) entries.push_back(entry);
  return entries;
}

std::vector<std::string> OffsetTable::topics_of_group(std::string_view group) const {
  std::vector<std::string> topics;
  for (const auto& entry : entries()) {
    if (entry->group() == group && !entry->empty()) topics.push_back(entry->topic());
  }
  return topics;
}

std::vector<std::string> OffsetTable::groups_of_topic(std::string_view topic) const {
  std::vector<std::string> groups;
  for (const auto& entry : entries()) {
    if (entry->topic() == topic && !entry->empty()) groups.push_back(entry->group());
  }
  return groups;
}

// What goes is a change that slaves have to hear of, too.
void OffsetTable::mark_dirty() {
  counters_->commits.fetch_add(1, std::memory_order_relaxed);
  counters_->dirty.store(true, std::memory_order_release);
}

void OffsetTable::remove_topic(std::string_view topic) {
  {
    std::unique_lock lock(mutex_);
    absl::erase_if(entries_, [&](const auto& item) {
      if (item.second->topic() != topic) return false;
      item.second->detach();
      return true;
    });
  }
  mark_dirty();
}

void OffsetTable::remove_group(std::string_view group) {
  {
    std::unique_lock lock(mutex_);
    absl::erase_if(entries_, [&](const auto& item) {
      if (item.second->group() != group) return false;
      item.second->detach();
      return true;
    });
  }
  mark_dirty();
}

void OffsetTable::clone(std::string_view from, std::string_view to, std::string_view topic) {
  const QueueOffsetsPtr source = find(from, topic);
  const QueueOffsetsPtr target = source ? entry(to, topic) : nullptr;
  if (!target) return;
  for (const auto& [queue, offset] : source->all_committed()) target->commit(queue, offset);
}

std::vector<std::string> OffsetTable::limit(const std::function<std::int64_t(std::string_view, std::int32_t)>& end_of) {
  std::vector<std::string> repairs;
  for (const auto& entry : entries()) {
    for (const auto& [queue, offset] : entry->all_committed()) {
      const std::int64_t end = end_of(entry->topic(), queue);
      if (!entry->limit(queue, end)) continue;
      repairs.push_back(
          fmt::format("group {} had committed offset {} of queue {} of topic {}, which ends at {} since "
                      "the last crash: taken back to the end",
                      entry->group(), offset, queue, entry->topic(), end));
    }
  }
  if (!repairs.empty()) mark_dirty();
  return repairs;
}

protocol::DataVersion OffsetTable::data_version() const {
  std::lock_guard lock(version_mutex_);
  // Commits do not touch the version themselves; whoever looks at it sees one step per version_step_ of them.
  const std::uint64_t steps = counters_->commits.load(std::memory_order_relaxed) / version_step_;
  if (steps > versioned_commits_) {
    version_.counter += static_cast<std::int64_t>(steps - versioned_commits_);
    version_.timestamp = clock_.wall_ms();
    versioned_commits_ = steps;
  }
  return version_;
}

}  // namespace ogive::broker
