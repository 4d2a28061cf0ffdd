#pragma once
// Removes old commit log files in the background, and with them what points into them.

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "io/executor.h"
#include "io/file.h"
#include "store/index/index_builder.h"
#include "store/log/log_reader.h"
#include "store/log/segment.h"
#include "store/queue/queue_persister.h"
#include "store/queue/queue_reader.h"
#include "store/queue/queue_table.h"
#include "store/retention/retention_policy.h"
#include "store/task_gate.h"
#include "store/watermark.h"

namespace ogive::store {

/// The store's parts retention works on.
struct RetentionSubject {
  io::FileSystem& files;
  const Clock& clock;
  SegmentList& segments;
  const LogReader& log;
  QueueTable& queues;
  const QueueReader& reader;
  QueueFiles& queue_files;
  QueuePersister& persister;
  IndexBuilder* index;  ///< Null without one.
  const Watermark& flushed;
  /// The minimums of queues have moved: makes a note of them before anything is removed. Within exclusively().
  std::function<Status()> note_minimums;
};

/// Runs on the background executor in slices. The queues' minimums move first, then files go: no queue ever points to
/// what is not there. A clock that jumps ahead makes nothing old for kDistrust.
class Retention {
 public:
  Retention(io::Executor& background, const RetentionSubject& subject, const RetentionSettings& settings);

  void start();
  void stop() { gate_.close(); }
  /// Any thread; counts from the next round on.
  void set(const RetentionSettings& settings);
  RetentionSettings settings() const;
  /// What is old enough goes with the next look, whatever the hour (DELETE_EXPIRED_COMMITLOG). Any thread.
  void ignore_hours() { hours_ignored_.store(true); }

  /// Whether the log may take more of its disks. Any thread; asks the file systems.
  Status may_grow() const;
  /// Bytes the log may still take; at most what check_space() leaves. Any thread.
  std::int64_t room() const;

 private:
  static constexpr std::size_t kQueuesPerSlice = 128;
  static constexpr std::int64_t kJumpMs = 600'000;
  static constexpr std::int64_t kDistrustMs = 3'600'000;

  void run();
  void arm(std::int64_t delay_ms);
  RetentionDecision decide(bool any_hour);
  std::vector<OldFile> old_files();
  bool clock_trusted();
  int fullest_percent() const;
  /// One slice of `step` over queues_, then `next`.
  void over_queues(Status (Retention::*step)(ConsumeQueue&), void (Retention::*next)());
  void move_queues() { over_queues(&Retention::move_queue, &Retention::trim_queues); }
  Status move_queue(ConsumeQueue& queue);
  void trim_queues();
  Status trim_queue(ConsumeQueue& queue);
  void remove_files();

  io::Executor& background_;
  const RetentionSubject subject_;
  mutable std::mutex mutex_;
  RetentionSettings settings_;
  std::atomic<bool> hours_ignored_{false};  ///< Until there is nothing left to remove.

  // Background only:
  std::int64_t target_ = 0;  ///< Where the log is to begin.
  std::vector<ConsumeQueue*> queues_, moved_;
  std::size_t next_queue_ = 0;
  std::map<std::int64_t, std::int64_t> begin_times_;  ///< Store time of the first record of each file.
  std::int64_t last_wall_ms_ = 0, last_monotonic_ms_ = 0, distrust_until_ms_ = 0;
  TaskGate gate_;
};

}  // namespace ogive::store
