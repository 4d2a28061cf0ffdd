#include "store/queue/queue_persister.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/log.h"

namespace ogive::store {

QueuePersister::QueuePersister(io::Executor& background, QueueFiles& files, const TailCache& cache,
                               Milliseconds interval, Hooks hooks)
    : background_(background), files_(files), cache_(cache), interval_(interval), hooks_(std::move(hooks)) {}

void QueuePersister::add(ConsumeQueue& queue) {
  {
    const std::lock_guard lock(dirty_mutex_);
    dirty_.push_back(&queue);
    waiting_.fetch_add(1, std::memory_order_relaxed);
  }
  arm();
}

void QueuePersister::note_written(std::size_t entries, std::int64_t log_end) {
  log_end_.store(log_end, std::memory_order_relaxed);
  const bool far = is_far(log_end);
  if (!too_much(unwritten_.fetch_add(entries, std::memory_order_relaxed) + entries) && !far) return;
  if (early_.exchange(true)) return;
  background_.post(gate_.guard([this] { start_round(is_far(log_end_.load(std::memory_order_relaxed))); }));
}

bool QueuePersister::is_far(std::int64_t log_end) const {
  const auto queues = static_cast<std::int64_t>(waiting_.load(std::memory_order_relaxed));
  const std::int64_t allowed = std::max(kLogBytesPerRound, kLogBytesPerQueue * queues);
  return log_end - durable_from_.load(std::memory_order_relaxed) >= allowed;
}

bool QueuePersister::too_much(std::size_t entries) const {
  const std::size_t queues = waiting_.load(std::memory_order_relaxed);
  return entries >= std::clamp(kUnwrittenPerQueue * queues, kUnwrittenEntries, kMaxUnwrittenEntries);
}

void QueuePersister::start(std::int64_t log_end) {
  log_end_.store(log_end);
  durable_from_.store(log_end);
  started_.store(true);
  const std::lock_guard lock(dirty_mutex_);
  if (!dirty_.empty()) arm();
}

void QueuePersister::arm() {
  if (!started_.load(std::memory_order_relaxed)) return;
  if (armed_.load(std::memory_order_relaxed) || armed_.exchange(true)) return;
  background_.post(gate_.guard([this] {
    // A round over very many queues may take long: then they are rarer, so that it stays a tenth of the time.
    const Milliseconds delay = std::max(interval_, Milliseconds(std::min(10 * round_ms_.load(), kMaxDelayMs)));
    background_.run_after(delay, gate_.guard([this] {
      armed_.store(false);
      start_round(true);
    }));
  }));
}

void QueuePersister::start_round(bool durable) {
  {
    const std::lock_guard lock(round_mutex_);
    early_.store(false);
    if (round_active_) {
      again_ = again_ || durable;
      if (durable) durable_from_.store(log_end_.load(std::memory_order_relaxed), std::memory_order_relaxed);
      return;
    }
    if (Status status = begin_round(durable); !status) {
      abandon_round(status.error());
      return;
    }
  }
  background_.post(gate_.guard([this] { run_slice(); }));
}

Status QueuePersister::begin_round(bool durable) {
  round_active_ = true;
  round_durable_ = durable;
  round_started_ms_ = background_.clock().monotonic_ms();
  if (durable) {
    hooks_.begin_round();  // Before the queues are taken: what it notes is covered by them.
    durable_from_.store(log_end_.load(std::memory_order_relaxed), std::memory_order_relaxed);
  }
  round_.erase(round_.begin(), round_.begin() + static_cast<std::ptrdiff_t>(next_));
  next_ = 0;
  {
    const std::lock_guard lock(dirty_mutex_);
    round_.insert(round_.end(), dirty_.begin(), dirty_.end());
    dirty_.clear();
  }
  auto flushed = hooks_.flush_log();
  if (!flushed) return fail(std::move(flushed).error());
  round_limit_ = *flushed;
  return {};
}

void QueuePersister::run_slice() {
  {
    const std::lock_guard lock(round_mutex_);
    if (!round_active_) return;  // persist_now() took the rest over.
    if (Status status = write_queues(kQueuesPerSlice); !status) {
      abandon_round(status.error());
      return;
    }
    if (next_ == round_.size()) {
      if (Status status = finish_round(); !status) {
        abandon_round(status.error());
        return;
      }
      if (!again_) return;
      again_ = false;
      if (Status status = begin_round(true); !status) {
        abandon_round(status.error());
        return;
      }
    }
  }
  background_.post(gate_.guard([this] { run_slice(); }));
}

Status QueuePersister::write_queues(std::size_t limit) {
  for (; limit > 0 && next_ < round_.size(); --limit, ++next_) {
    OGIVE_TRY(write_queue(*round_[next_]));
    waiting_.fetch_sub(1, std::memory_order_relaxed);
  }
  return {};
}

Status QueuePersister::write_queue(ConsumeQueue& queue) {
  queue.clear_dirty();
  for (;;) {
    std::int64_t first = 0;
    const std::vector<std::byte> entries = queue.unpersisted(kBytesPerWrite, round_limit_, first);
    if (entries.empty()) break;
    OGIVE_TRY(files_.write(queue, first, entries));
    const std::size_t count = entries.size() / queue.entry_bytes();
    unwritten_.fetch_sub(std::min(count, unwritten_.load()), std::memory_order_relaxed);
    queue.set_persisted(first + static_cast<std::int64_t>(count), cache_.begin());
  }
  warm_.insert(&queue);
  const auto lock = queue.lock();
  if (queue.note_dirty(lock)) add(queue);  // Entries of records that are not flushed yet.
  return {};
}

Status QueuePersister::finish_round() {
  round_.clear();
  next_ = 0;
  round_active_ = false;
  const std::int64_t cache_begin = cache_.begin();
  absl::erase_if(warm_, [&](ConsumeQueue* queue) { return queue->trim(cache_begin) == 0; });
  if (!round_durable_ || !sound_.load()) return {};
  if (Status status = files_.sync(); !status) {
    // What a failed sync was to save may be gone without another error. Entries can be rebuilt from the log, so the
    // checkpoint just stays where it is and the next start reads the log from there.
    sound_.store(false);
    return status;
  }
  OGIVE_TRY(hooks_.end_round());
  round_ms_.store(background_.clock().monotonic_ms() - round_started_ms_);
  return {};
}

// The queues not done stay in round_ for the next one, which is tried after the interval.
void QueuePersister::abandon_round(const Error& error) {
  OGIVE_LOG(error, "store",
            "writing consume queue files in {} failed: {}; the entries stay in memory, tried again in {} ms",
            files_.home(QueueKind::kSimple).directory, error.message(), interval_.count());
  round_active_ = false;
  again_ = false;
  for (std::size_t i = next_; i < round_.size(); ++i) round_[i]->clear_dirty();
  arm();
}

Status QueuePersister::persist_now() {
  OGIVE_TRY(run_round(true));
  if (!sound_.load()) return fail(Errc::kIo, "an earlier sync of consume queue files failed");
  return {};
}

Result<bool> QueuePersister::persist_until(std::int64_t deadline_ms) {
  Status status = run_round(true, deadline_ms);
  if (!status && status.error().code() == Errc::kTimeout) return false;
  if (!status) return fail(std::move(status).error());
  if (!sound_.load()) return fail(Errc::kIo, "an earlier sync of consume queue files failed");
  return true;
}

bool QueuePersister::is_nearly_durable() {
  const std::lock_guard lock(round_mutex_);
  return waiting_.load() <= kFewQueues && files_.unsynced() <= kFewQueues;
}

Status QueuePersister::write_now() {
  return run_round(false);
}

Status QueuePersister::run_round(bool durable, std::int64_t deadline_ms) {
  const std::lock_guard lock(round_mutex_);
  Status status = begin_round(durable);
  while (status && next_ < round_.size()) {
    if (background_.clock().monotonic_ms() >= deadline_ms) {
      status = fail(Errc::kTimeout, fmt::format("{} queues are not written yet", round_.size() - next_));
    } else {
      status = write_queues(kQueuesPerSlice);
    }
  }
  if (status) status = finish_round();
  round_active_ = false;
  if (!status) arm();  // What is left is tried again.
  return status;
}

bool QueuePersister::sync_files() {
  if (!sound_.load()) return false;
  if (Status status = files_.sync(); !status) {
    OGIVE_LOG(error, "store", "{}; the next start makes queue entries anew from the log", status.error().message());
    sound_.store(false);
  }
  return sound_.load();
}

Status QueuePersister::exclusively(const std::function<Status()>& action) {
  const std::lock_guard lock(round_mutex_);
  return action();
}

}  // namespace ogive::store
