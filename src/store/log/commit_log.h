#pragma once
// The append path: gives records their places, copies them into the tail cache, writes them out, reports back.

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "io/executor.h"
#include "store/log/prewriter.h"
#include "store/log/segment.h"
#include "store/log/tail_cache.h"
#include "store/message_store.h"

namespace ogive::store {

/// What happens to records once they are in the file. Called by whoever has the writer role: one thread at a time, in
/// log order.
class LogFollower {
 public:
  virtual ~LogFollower() = default;
  /// The batch's records are written: make their queue entries.
  virtual void on_batch_written(const AppendBatch& batch) = 0;
  /// All records before `end` are written and followed; called before their batches complete.
  virtual void on_round_written(PhysicalOffset end) = 0;
  /// The log can take no more records.
  virtual void on_log_failed(const Error& error) = 0;
};

/// A place in the log up to which records are written and followed.
struct LogPosition {
  std::int64_t end = 0;
  std::int64_t last_record = 0;  ///< Begin of the last record before `end`.
  std::int64_t store_timestamp_ms = 0;
};

/// The append section is one short mutex without system calls: offsets and timestamp are assigned and patched in, the
/// bytes copied, the batch queued. The first thread to find nobody writing takes the writer role and writes everything
/// that is queued, round after round, while others go on queueing (leader and followers), so one system call serves all
/// of them.
class CommitLog {
 public:
  CommitLog(const Clock& clock, SegmentList& segments, TailCache& cache, Prewriter& prewriter, LogFollower& follower);

  /// From now on only batches that have their places already are taken. Before the first submit.
  void only_placed() { only_placed_ = true; }
  /// Where recovery found the end. Before the first submit.
  void start(const LogPosition& end);
  /// See MessageStore::submit.
  void submit(std::unique_ptr<AppendBatch> batch, io::Executor& executor, AppendListener& listener);
  /// Gives a batch back without having looked at it.
  static void refuse(std::unique_ptr<AppendBatch> batch, io::Executor& executor, AppendListener& listener,
                     const Status& status) {
    complete({std::move(batch), &executor, &listener}, status);
  }
  /// Latches `error`: everything queued and everything later is refused with it. The first error stays.
  void fail_with(const Error& error);
  std::optional<Error> failure() const;
  /// Runs `action(assigned_end)` inside the append section.
  template <class Action>
  void in_append_section(Action&& action) {
    const std::lock_guard lock(mutex_);
    action(assigned_);
  }
  LogPosition position() const;

 private:
  struct Pending {
    std::unique_ptr<AppendBatch> batch;
    io::Executor* executor;
    AppendListener* listener;
  };
  /// Bytes that may wait for the writer before batches are refused.
  static constexpr std::int64_t kMaxUnwritten = 256 << 20;
  static constexpr std::size_t kMaxPieces = 256;

  Status check(const AppendBatch& batch) const;
  Status assign_placed(AppendBatch& batch);
  Status assign(AppendBatch& batch, std::int64_t now_ms);
  std::int64_t end_after(const AppendBatch& batch) const;
  void place(AppendBatch& batch);
  void write_rounds();
  Status write_until(std::int64_t end);
  void finish_round(const Status& status);
  static void complete(Pending pending, const Status& status);

  const Clock& clock_;
  SegmentList& segments_;
  TailCache& cache_;
  Prewriter& prewriter_;
  LogFollower& follower_;
  const std::int64_t segment_bytes_;
  bool only_placed_ = false;

  mutable std::mutex mutex_;  ///< The append section.
  std::int64_t assigned_ = 0;
  std::int64_t last_timestamp_ms_ = 0;
  std::vector<Pending> filling_;
  bool writing_ = false;  ///< Somebody has the writer role.
  std::optional<Error> error_;

  // The writer role's own.
  std::vector<Pending> round_;
  std::int64_t round_end_ = 0;
  std::atomic<std::int64_t> written_{0};

  mutable std::mutex position_mutex_;
  LogPosition position_;
};

}  // namespace ogive::store
