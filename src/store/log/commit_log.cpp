#include "store/log/commit_log.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "message/record.h"
#include "message/record_tail.h"
#include "store/queue/consume_queue.h"

namespace ogive::store {
namespace {

// Queues fetched into the cache before their turn comes.
constexpr std::size_t kQueuesAhead = 8;

}  // namespace

CommitLog::CommitLog(const Clock& clock, SegmentList& segments, TailCache& cache, Prewriter& prewriter,
                     LogFollower& follower)
    : clock_(clock),
      segments_(segments),
      cache_(cache),
      prewriter_(prewriter),
      follower_(follower),
      segment_bytes_(segments.segment_bytes()) {}

void CommitLog::start(const LogPosition& end) {
  assigned_ = round_end_ = end.end;
  written_ = end.end;
  last_timestamp_ms_ = end.store_timestamp_ms;
  position_ = end;
  cache_.reset(end.end);
  prewriter_.start(end.end);
}

LogPosition CommitLog::position() const {
  const std::lock_guard lock(position_mutex_);
  return position_;
}

std::optional<Error> CommitLog::failure() const {
  const std::lock_guard lock(mutex_);
  return error_;
}

void CommitLog::fail_with(const Error& error) {
  {
    const std::lock_guard lock(mutex_);
    if (error_) return;
    error_.emplace(Errc::kIo, error.message(), error.os_error());
  }
  follower_.on_log_failed(error);
}

void CommitLog::submit(std::unique_ptr<AppendBatch> batch, io::Executor& executor, AppendListener& listener) {
  Pending pending{std::move(batch), &executor, &listener};
  if (Status status = check(*pending.batch); !status || pending.batch->empty()) {
    complete(std::move(pending), status);
    return;
  }
  const std::int64_t now_ms = clock_.wall_ms();
  {
    std::unique_lock lock(mutex_);
    if (Status status = assign(*pending.batch, now_ms); !status) {
      lock.unlock();
      complete(std::move(pending), status);
      return;
    }
    filling_.push_back(std::move(pending));
    if (writing_) return;  // The writer looks again before it lets go of the role, under this mutex.
    writing_ = true;
    round_.swap(filling_);
    round_end_ = assigned_;
  }
  write_rounds();
}

Status CommitLog::check(const AppendBatch& batch) const {
  for (const AppendBatch::Entry& entry : batch.entries()) {
    if (entry.size + static_cast<std::int64_t>(message::kBlankRecordBytes) > segment_bytes_) {
      return fail(Errc::kInvalidArgument,
                  fmt::format("a record of {} bytes does not fit a commit log file of {}: raise "
                              "mappedFileSizeCommitLog or send less at once",
                              entry.size, segment_bytes_));
    }
    if (entry.queue_count != 1 && entry.queue->kind() != QueueKind::kBatch) {
      return fail(Errc::kUnsupported,
                  fmt::format("an inner batch of {} messages needs a batch consume queue, topic {} has "
                              "a simple one",
                              entry.queue_count, entry.queue->topic()));
    }
  }
  return {};
}

// Where the log would end behind `batch`.
std::int64_t CommitLog::end_after(const AppendBatch& batch) const {
  constexpr std::int64_t kSpare = message::kBlankRecordBytes;
  const auto total = static_cast<std::int64_t>(batch.bytes());
  if (assigned_ % segment_bytes_ + total + kSpare <= segment_bytes_) return assigned_ + total;
  std::int64_t at = assigned_;
  for (const AppendBatch::Entry& entry : batch.entries()) {
    if (at % segment_bytes_ + entry.size + kSpare > segment_bytes_) at += segment_bytes_ - at % segment_bytes_;
    at += entry.size;
  }
  return at;
}

// Records of a master: they go exactly where it has them, or not at all.
Status CommitLog::assign_placed(AppendBatch& batch) {
  if (error_) return fail(*error_);
  if (batch.placed_at_->value() != assigned_) {
    return fail(Errc::kInvalidArgument,
                fmt::format("the commit log in {} ends at {}, records of offset {} do not follow",
                            segments_.directory(), assigned_, batch.placed_at_->value()));
  }
  const std::int64_t end = assigned_ + static_cast<std::int64_t>(batch.bytes());
  if (end - written_.load(std::memory_order_relaxed) > kMaxUnwritten) {
    return fail(Errc::kLimit, fmt::format("{} bytes already wait to be written to the commit log in {}",
                                          assigned_ - written_.load(), segments_.directory()));
  }
  OGIVE_TRY(prewriter_.admit(end));
  last_timestamp_ms_ = std::max(last_timestamp_ms_, batch.store_timestamp_ms);
  cache_.append(batch.data());
  assigned_ = end;
  batch.end = PhysicalOffset(end);
  prewriter_.advance(end);
  return {};
}

Status CommitLog::assign(AppendBatch& batch, std::int64_t now_ms) {
  if (batch.placed_at_) [[unlikely]]
    return assign_placed(batch);
  if (only_placed_) [[unlikely]]
    return fail(Errc::kPermission, "this store is a slave's: it takes messages from its master only");
  if (error_) return fail(*error_);
  const std::int64_t end = end_after(batch);
  if (end - written_.load(std::memory_order_relaxed) > kMaxUnwritten) {
    return fail(Errc::kLimit,
                fmt::format("{} bytes already wait to be written to the commit log in {}: the disk is behind",
                            assigned_ - written_.load(), segments_.directory()));
  }
  OGIVE_TRY(prewriter_.admit(end));
  last_timestamp_ms_ = std::max(last_timestamp_ms_, now_ms);
  batch.store_timestamp_ms = last_timestamp_ms_;
  place(batch);
  batch.end = PhysicalOffset(assigned_);
  OGIVE_CHECK_MSG(assigned_ == end, "assigned {} of planned {}", assigned_, end);
  prewriter_.advance(assigned_);
  return {};
}

// Patches every record and copies the batch, in one piece unless it crosses into the next segment.
void CommitLog::place(AppendBatch& batch) {
  constexpr std::int64_t kSpare = message::kBlankRecordBytes;
  std::byte* const data = batch.data_.data();
  std::size_t copied = 0;
  const std::int64_t timestamp_ms = batch.store_timestamp_ms;
  const std::size_t count = batch.entries_.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (i + kQueuesAhead < count) batch.entries_[i + kQueuesAhead].queue->prefetch();
    AppendBatch::Entry& entry = batch.entries_[i];
    const std::int64_t left = segment_bytes_ - assigned_ % segment_bytes_;
    if (entry.size + kSpare > left) [[unlikely]] {
      cache_.append({data + copied, entry.begin - copied});
      copied = entry.begin;
      std::array<std::byte, message::kBlankRecordBytes> blank;
      store_be(blank.data(), static_cast<std::int32_t>(left));
      store_be(blank.data() + 4, message::kMagicBlank);
      cache_.append(blank);
      cache_.append_zeros(left - kSpare);
      assigned_ += left;
    }
    std::byte* const record = data + entry.begin;
    const auto sys_flag = load_be<std::int32_t>(record + message::kSysFlagPosition);
    entry.physical_offset = PhysicalOffset(assigned_);
    if (entry.takes_queue_offset) {
      entry.queue_offset = QueueOffset(entry.queue->next_offset);
      entry.queue->next_offset += entry.queue_count;
      store_be(record + message::kQueueOffsetPosition, entry.queue_offset.value());
    }
    if (entry.tags_code_is_delay) {
      entry.tags_code += timestamp_ms;
      entry.tags_code_is_delay = false;
    }
    store_be(record + message::kPhysicalOffsetPosition, assigned_);
    store_be(record + message::store_timestamp_position(sys_flag), timestamp_ms);
    if (entry.tail.any()) [[unlikely]]
      message::patch_tail(entry.tail, entry.queue_offset.value(), record, entry.size);
    assigned_ += entry.size;
  }
  cache_.append({data + copied, batch.size_ - copied});
}

void CommitLog::write_rounds() {
  std::optional<Error> refused;
  for (;;) {
    Status status;
    if (refused) {
      status = fail(*refused);
    } else {
      status = write_until(round_end_);
      if (!status) {
        fail_with(status.error());
        status = fail(*failure());
      }
    }
    finish_round(status);
    const std::lock_guard lock(mutex_);
    round_.clear();
    if (filling_.empty()) {
      writing_ = false;
      return;
    }
    refused = error_;
    round_.swap(filling_);
    round_end_ = assigned_;
  }
}

Status CommitLog::write_until(std::int64_t end) {
  std::array<ByteView, kMaxPieces> pieces;
  std::int64_t at = written_.load(std::memory_order_relaxed);
  while (at < end) {
    const std::int64_t stop = std::min(end, segments_.begin_of(at) + segment_bytes_);
    const std::size_t count = cache_.gather(at, stop, pieces);
    std::int64_t bytes = 0;
    for (std::size_t i = 0; i < count; ++i) bytes += static_cast<std::int64_t>(pieces[i].size());
    const auto segment = segments_.find(at);
    OGIVE_CHECK_MSG(segment != nullptr, "no commit log file for offset {}", at);
    prewriter_.wait_clear(at, at + bytes);
    if (Status status =
            segment->file->write_at(static_cast<std::uint64_t>(at - segment->begin), {pieces.data(), count});
        !status) {
      return fail(
          Error(Errc::kIo,
                fmt::format("writing {} bytes at offset {} to the commit log in {} failed: {}; the store takes no more "
                            "messages until restarted on a sound disk",
                            bytes, at, segments_.directory(), status.error().message()),
                status.error().os_error()));
    }
    at += bytes;
    written_.store(at, std::memory_order_relaxed);
    cache_.set_written(at);
  }
  return {};
}

void CommitLog::finish_round(const Status& status) {
  if (status) {
    for (const Pending& pending : round_) follower_.on_batch_written(*pending.batch);
    {
      const AppendBatch& last = *round_.back().batch;
      const std::lock_guard lock(position_mutex_);
      position_ = {round_end_, last.entries().back().physical_offset.value(), last.store_timestamp_ms};
    }
    follower_.on_round_written(PhysicalOffset(round_end_));
  }
  // Batches of this thread complete here; those of others travel together, one post per executor.
  std::vector<std::pair<io::Executor*, std::vector<Pending>>> elsewhere;
  for (Pending& pending : round_) {
    if (pending.executor->on_own_thread()) {
      AppendListener& listener = *pending.listener;
      listener.on_appended(std::move(pending.batch), status);
      continue;
    }
    auto group = std::ranges::find(elsewhere, pending.executor, &std::pair<io::Executor*, std::vector<Pending>>::first);
    if (group == elsewhere.end()) {
      elsewhere.emplace_back(pending.executor, std::vector<Pending>());
      group = std::prev(elsewhere.end());
    }
    group->second.push_back(std::move(pending));
  }
  for (auto& [executor, batches] : elsewhere) {
    executor->post([taken = std::move(batches), status]() mutable {
      for (Pending& pending : taken) pending.listener->on_appended(std::move(pending.batch), status);
    });
  }
}

void CommitLog::complete(Pending pending, const Status& status) {
  if (pending.executor->on_own_thread()) {
    pending.listener->on_appended(std::move(pending.batch), status);
    return;
  }
  io::Executor& executor = *pending.executor;
  executor.post([pending = std::move(pending), status]() mutable {
    pending.listener->on_appended(std::move(pending.batch), status);
  });
}

}  // namespace ogive::store
