#include "store/retention/retention.h"

#include <algorithm>
#include <ctime>

#include "base/log.h"

namespace ogive::store {

Retention::Retention(io::Executor& background, const RetentionSubject& subject, const RetentionSettings& settings)
    : background_(background), subject_(subject), settings_(settings) {}

void Retention::set(const RetentionSettings& settings) {
  const std::lock_guard lock(mutex_);
  settings_ = settings;
}

RetentionSettings Retention::settings() const {
  const std::lock_guard lock(mutex_);
  return settings_;
}

void Retention::start() {
  background_.post(gate_.guard([this] { arm(settings().interval_ms); }));
}

void Retention::arm(std::int64_t delay_ms) {
  background_.run_after(Milliseconds(delay_ms), gate_.guard([this] { run(); }));
}

Status Retention::may_grow() const {
  const RetentionSettings limits = settings();
  for (const std::string& path : subject_.segments.writable()) {
    // An unknown space is no full disk: the write itself will tell.
    if (auto space = subject_.files.space(path)) OGIVE_TRY(check_space(limits, *space, path));
  }
  return {};
}

std::int64_t Retention::room() const {
  const RetentionSettings limits = settings();
  std::int64_t least = INT64_MAX;
  for (const std::string& path : subject_.segments.writable()) {
    const auto space = subject_.files.space(path);
    if (!space) continue;
    const auto free = static_cast<std::int64_t>(std::min<std::uint64_t>(space->free_bytes, INT64_MAX));
    least = std::min(least, free - static_cast<std::int64_t>(limits.reserve_bytes));
  }
  return std::max<std::int64_t>(least, 0);
}

int Retention::fullest_percent() const {
  int percent = 0;
  for (const std::string& path : subject_.segments.writable()) {
    if (const auto space = subject_.files.space(path)) percent = std::max(percent, used_percent(*space));
  }
  return percent;
}

void Retention::run() {
  const bool any_hour = hours_ignored_.load();
  const RetentionDecision decision = decide(any_hour);
  if (decision.reason.empty()) {
    if (any_hour) hours_ignored_.store(false);
    return arm(settings().interval_ms);
  }
  OGIVE_LOG(info, "store", "removing the commit log before offset {}: {}", decision.begin, decision.reason);
  target_ = decision.begin;
  queues_ = subject_.queues.all();
  moved_.clear();
  next_queue_ = 0;
  move_queues();
}

RetentionDecision Retention::decide(bool any_hour) {
  const std::vector<OldFile> files = old_files();
  RetentionView view;
  view.files = files;
  view.log_bytes = static_cast<std::uint64_t>(
      std::max<std::int64_t>(0, subject_.flushed.value().value() - subject_.segments.begin()));
  view.used_percent = fullest_percent();
  view.now_ms = subject_.clock.wall_ms();
  view.clock_trusted = clock_trusted();
  const std::time_t seconds = view.now_ms / 1000;
  std::tm local{};
  ::localtime_r(&seconds, &local);
  view.hour = local.tm_hour;
  RetentionSettings limits = settings();
  if (any_hour) limits.hours.clear();
  return decide_retention(limits, view);
}

// A file's records are no younger than the first one of the file behind it.
std::vector<OldFile> Retention::old_files() {
  std::vector<OldFile> files;
  const auto segments = subject_.segments.all();
  begin_times_.erase(begin_times_.begin(), begin_times_.lower_bound(subject_.segments.begin()));
  for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
    const std::int64_t next = segments[i + 1]->begin;
    if (next >= subject_.flushed.value().value()) break;
    auto known = begin_times_.find(next);
    if (known == begin_times_.end()) {
      auto time = subject_.log.store_time(next);
      if (!time) break;
      known = begin_times_.emplace(next, *time).first;
    }
    files.push_back({segments[i]->begin, segments[i]->end, known->second});
  }
  return files;
}

bool Retention::clock_trusted() {
  const std::int64_t wall_ms = subject_.clock.wall_ms();
  const std::int64_t monotonic_ms = subject_.clock.monotonic_ms();
  if (last_monotonic_ms_ != 0 && (wall_ms - last_wall_ms_) - (monotonic_ms - last_monotonic_ms_) > kJumpMs) {
    OGIVE_LOG(warn, "store",
              "the clock has jumped ahead by {} s: nothing is removed for its age during the next {} min",
              (wall_ms - last_wall_ms_) / 1000, kDistrustMs / 60'000);
    distrust_until_ms_ = monotonic_ms + kDistrustMs;
  }
  last_wall_ms_ = wall_ms;
  last_monotonic_ms_ = monotonic_ms;
  return monotonic_ms >= distrust_until_ms_;
}

void Retention::over_queues(Status (Retention::*step)(ConsumeQueue&), void (Retention::*next)()) {
  const Status status = subject_.persister.exclusively([&]() -> Status {
    for (std::size_t i = 0; i < kQueuesPerSlice && next_queue_ < queues_.size(); ++i, ++next_queue_) {
      OGIVE_TRY((this->*step)(*queues_[next_queue_]));
    }
    return {};
  });
  if (!status) {
    OGIVE_LOG(error, "store", "removing old entries of consume queues failed: {}; tried again later",
              status.error().message());
    return arm(settings().interval_ms);
  }
  if (next_queue_ < queues_.size()) {
    background_.post(gate_.guard([this, step, next] { over_queues(step, next); }));
    return;
  }
  (this->*next)();
}

// A start that relies on noted minimums must not find that what they name is gone.
void Retention::trim_queues() {
  if (Status status = subject_.persister.exclusively([this] { return subject_.note_minimums(); }); !status) {
    OGIVE_LOG(error, "store", "noting where queues begin failed: {}; nothing is removed, tried again later",
              status.error().message());
    return arm(settings().interval_ms);
  }
  queues_.swap(moved_);
  next_queue_ = 0;
  over_queues(&Retention::trim_queue, &Retention::remove_files);
}

Status Retention::move_queue(ConsumeQueue& queue) {
  if (queue.min_record() >= target_) return {};
  auto first = subject_.reader.first_behind(queue, target_);
  if (!first) {
    // Damage must not keep the disk full; what it means for readers they are told.
    OGIVE_LOG(error, "store", "{}", first.error().message());
    return {};
  }
  queue.set_min(first->offset, first->place, first->record);
  moved_.push_back(&queue);
  return {};
}

Status Retention::trim_queue(ConsumeQueue& queue) {
  return subject_.queue_files.trim(queue, queue.min_place());
}

void Retention::remove_files() {
  auto removed = subject_.segments.remove_first(target_);
  if (!removed) {
    OGIVE_LOG(error, "store", "removing a commit log file failed: {}; tried again later", removed.error().message());
    return arm(settings().interval_ms);
  }
  if (*removed) {
    background_.run_after(Milliseconds(settings().file_interval_ms), gate_.guard([this] { remove_files(); }));
    return;
  }
  if (subject_.index != nullptr) {
    if (Status status = subject_.index->trim(target_); !status) {
      OGIVE_LOG(error, "store", "removing an index file failed: {}", status.error().message());
    }
  }
  run();  // There may be more than one round's files to remove.
}

}  // namespace ogive::store
