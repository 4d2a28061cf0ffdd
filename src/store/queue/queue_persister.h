#pragma once
// Brings queue entries from memory to the queues' files, and records how far they are safe (checkpoint).

#include <absl/container/flat_hash_set.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "base/error.h"
#include "io/executor.h"
#include "store/log/tail_cache.h"
#include "store/queue/consume_queue.h"
#include "store/queue/queue_files.h"
#include "store/task_gate.h"

namespace ogive::store {

/// Thread-safe. Rounds run on the background executor in slices, so that other background work gets its turn. Nothing
/// is armed while no queue has unwritten entries.
class QueuePersister {
 public:
  /// `begin_round` takes note of the place in the log up to which entries exist. `flush_log` makes the log durable and
  /// says up to where it is: entries of records behind stay in memory, so that no loss of power leaves entries in
  /// files without their records. `end_round` is called when what was taken note of is durable and writes the
  /// checkpoint.
  struct Hooks {
    std::function<void()> begin_round;
    std::function<Result<std::int64_t>()> flush_log;
    std::function<Status()> end_round;
  };

  QueuePersister(io::Executor& background, QueueFiles& files, const TailCache& cache, Milliseconds interval,
                 Hooks hooks);

  /// Rounds run from here on; before, only those that are called for (persist_now(), write_now()). The log ends at
  /// `log_end`.
  void start(std::int64_t log_end);
  void stop() { gate_.close(); }
  /// `queue` has entries that its files lack (ConsumeQueue::publish said so).
  void add(ConsumeQueue& queue);
  /// `entries` more are in memory only and the log reaches `log_end` now: asks for an early round when there are too
  /// many, and for a durable one when a start would have too much of the log to read again.
  void note_written(std::size_t entries, std::int64_t log_end);
  /// A whole round on the calling thread. Blocking.
  Status persist_now();
  /// The same, but given up when the clock reaches `deadline_ms` (monotonic); false then, and no checkpoint is written.
  /// Blocking.
  Result<bool> persist_until(std::int64_t deadline_ms);
  /// Whether persist_until() is worth trying when there is little time: not many queues have unwritten entries, nor
  /// many files unsynced ones.
  bool is_nearly_durable();
  /// Writes what is in memory to the files without making it durable. Blocking; for recovery.
  Status write_now();
  /// Runs `action` while no queue's files are being written.
  Status exclusively(const std::function<Status()>& action);
  /// Within exclusively(): makes what was written durable; false when it cannot be.
  bool sync_files();
  /// Up to where in the log the running round may write entries; within its hooks.
  std::int64_t round_limit() const { return round_limit_; }
  /// False once a sync of queue files failed: the checkpoint stays where it was, the next start rebuilds from there.
  bool sound() const { return sound_.load(); }

 private:
  /// Entries in memory only before a round begins early: a write costs as much as hundreds of entries, so that very
  /// many queues are written for some dozens each; but at most 200 MB of them.
  static constexpr std::size_t kUnwrittenEntries = 256 << 10;
  static constexpr std::size_t kUnwrittenPerQueue = 128;
  static constexpr std::size_t kMaxUnwrittenEntries = 10 << 20;
  /// Of the log between durable rounds: what a start after a crash reads again. More of it with very many queues,
  /// each of which costs a write and a sync.
  static constexpr std::int64_t kLogBytesPerRound = 512 << 20;
  static constexpr std::int64_t kLogBytesPerQueue = 256 << 10;
  static constexpr std::size_t kQueuesPerSlice = 128;
  static constexpr std::size_t kFewQueues = 16 << 10;  ///< Written and synced in a fraction of a second, mostly.
  static constexpr std::size_t kBytesPerWrite = 1 << 20;
  static constexpr std::int64_t kMaxDelayMs = 60'000;  ///< Between durable rounds: what a start has to read again.

  void arm();
  bool too_much(std::size_t entries) const;
  bool is_far(std::int64_t log_end) const;
  void start_round(bool durable);
  Status begin_round(bool durable);
  Status run_round(bool durable, std::int64_t deadline_ms = INT64_MAX);
  void run_slice();
  void abandon_round(const Error& error);
  Status write_queues(std::size_t limit);
  Status write_queue(ConsumeQueue& queue);
  Status finish_round();

  io::Executor& background_;
  QueueFiles& files_;
  const TailCache& cache_;
  const Milliseconds interval_;
  Hooks hooks_;

  std::mutex dirty_mutex_;
  std::vector<ConsumeQueue*> dirty_;
  std::atomic<std::size_t> waiting_{0};  ///< Queues in dirty_, and in round_ from next_ on.
  std::atomic<bool> started_{false};
  std::atomic<bool> armed_{false};
  std::atomic<bool> early_{false};
  std::atomic<std::size_t> unwritten_{0};
  std::atomic<std::int64_t> log_end_{0};
  std::atomic<std::int64_t> durable_from_{0};  ///< Where the log ended when the last durable round began.
  std::atomic<bool> sound_{true};

  std::mutex round_mutex_;  ///< Guards the files' writing side and what follows.
  std::vector<ConsumeQueue*> round_;
  std::size_t next_ = 0;
  bool round_active_ = false;
  bool round_durable_ = false;
  bool again_ = false;  ///< A durable round was asked for during this one.
  std::int64_t round_started_ms_ = 0;
  std::int64_t round_limit_ = 0;
  absl::flat_hash_set<ConsumeQueue*> warm_;  ///< Queues with written entries still in memory.
  std::atomic<std::int64_t> round_ms_{0};    ///< How long the last durable round took.
  TaskGate gate_;
};

}  // namespace ogive::store
