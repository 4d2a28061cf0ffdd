#include "broker/cluster/deletions.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "protocol/json.h"

namespace ogive::broker {

Deletions::Deletions(const Clock& clock, const store::MessageStore& store, StateFile file)
    : clock_(clock), store_(store), file_(std::move(file)) {
  file_.set_source([this] {
    protocol::DeletionList body{snapshot()};
    return protocol::to_json(body, protocol::JsonStyle{.pretty = true});
  });
}

Status Deletions::load() {
  const auto loaded = file_.load([this](std::string_view json) -> Status {
    auto body = protocol::from_json<protocol::DeletionList>(json);
    if (!body) return fail(std::move(body).error());
    const std::lock_guard lock(mutex_);
    add(std::move(body->deletions));
    return {};
  });
  if (!loaded) return fail(loaded.error());
  return {};
}

Status Deletions::record_topic(std::string_view name) {
  return record({"topic", std::string(name), false, store_.max_physical_offset().value(), clock_.wall_ms()});
}

Status Deletions::record_group(std::string_view name, bool clean_offset) {
  return record({"group", std::string(name), clean_offset, store_.max_physical_offset().value(), clock_.wall_ms()});
}

Status Deletions::record(protocol::Deletion deletion) {
  std::vector<protocol::Deletion> one;
  one.push_back(std::move(deletion));
  return take(one);
}

std::vector<protocol::Deletion> Deletions::unknown_of(const std::vector<protocol::Deletion>& masters) const {
  std::vector<protocol::Deletion> unknown;
  const std::lock_guard lock(mutex_);
  for (const protocol::Deletion& one : masters) {
    if (!known_.contains(one)) unknown.push_back(one);
  }
  return unknown;
}

Status Deletions::take(const std::vector<protocol::Deletion>& masters) {
  {
    const std::lock_guard lock(mutex_);
    add(masters);
  }
  generation_.fetch_add(1, std::memory_order_acq_rel);
  file_.save_soon();
  return file_.save_changes();
}

void Deletions::add(std::vector<protocol::Deletion> more) {
  for (protocol::Deletion& one : more) {
    if (known_.insert(one).second) list_.push_back(std::move(one));
  }
  if (list_.size() <= kMost) return;
  const auto kept = list_.end() - static_cast<std::ptrdiff_t>(kMost);
  for (auto gone = list_.begin(); gone != kept; ++gone) known_.erase(*gone);
  list_.erase(list_.begin(), kept);
}

std::int64_t Deletions::topic_deleted_at(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  for (const protocol::Deletion& one : std::views::reverse(list_)) {
    if (one.kind == "topic" && one.name == name) return one.log_end;
  }
  return 0;
}

std::vector<protocol::Deletion> Deletions::snapshot() const {
  const std::lock_guard lock(mutex_);
  return list_;
}

}  // namespace ogive::broker
