#pragma once
// What a master knows of its slaves: how far each has the log, and so what is replicated.

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "base/strong_int.h"
#include "io/network.h"
#include "store/watermark.h"

namespace ogive::replication {

/// When a message counts as replicated, and which slaves count.
struct ReplicaRule {
  std::uint32_t slaves = 1;                ///< Slaves that must have it.
  std::uint32_t least = 1;                 ///< With as_many_as_there_are: never fewer than this.
  bool as_many_as_there_are = false;       ///< enableAutoInSyncReplicas: as many slaves as are in sync, up to `slaves`.
  std::int64_t max_gap_bytes = 256 << 20;  ///< haMaxGapNotInSync: farther behind is not in sync.
};

/// One slave, for status and metrics.
struct ReplicaState {
  io::Endpoint remote;
  std::int64_t acknowledged = 0;  ///< It has the log up to here (flushed, if that is its mode).
  std::int64_t whole = 0;         ///< And up to here whole records: what raises the watermark.
  std::int64_t sent = 0;
  bool in_sync = false;
  std::int64_t bytes_per_second = 0;
};

/// Thread-safe. The replicated watermark only grows: a slave that goes takes nothing back.
class ReplicaSet {
 public:
  using Id = std::uint64_t;

  ReplicaSet(const Clock& clock, const store::Watermark& appended, store::Watermark& replicated);

  void set_rule(const ReplicaRule& rule);
  /// A slave whose offset has been checked and that is being sent the log from `begin` on.
  Id add(const io::Endpoint& remote, PhysicalOffset begin);
  void remove(Id id);
  /// It has the log up to `offset`, of what it was sent; `whole` is the last record's end known below. Where it began
  /// counts for nothing: only its word.
  void acknowledge(Id id, PhysicalOffset offset, PhysicalOffset whole);
  void note_sent(Id id, PhysicalOffset sent);
  /// Looks again who is in sync; now and then, because a silent slave falls behind by our appends alone.
  void refresh();

  /// How many slaves a send waits for now; 0 only with as_many_as_there_are. Cheap.
  std::uint32_t needed() const { return needed_.load(std::memory_order_acquire); }
  /// Whether enough slaves are there for a send to wait for them. Cheap.
  bool available() const { return available_.load(std::memory_order_acquire); }
  std::vector<ReplicaState> snapshot() const;

 private:
  struct Replica {
    ReplicaState state;
    std::int64_t begin = 0;
    std::int64_t rate_from = 0;  ///< `sent` when the running second began.
    std::int64_t rate_since_ms = 0;
  };
  /// Looks at all slaves again and raises the mark. Takes over the lock: whoever waits is called without it.
  void update(std::unique_lock<std::mutex> lock);

  const Clock& clock_;
  const store::Watermark& appended_;
  store::Watermark& replicated_;
  mutable std::mutex mutex_;
  ReplicaRule rule_;
  std::map<Id, Replica> replicas_;
  std::vector<std::int64_t> acknowledged_;  ///< Of those that have reported; used by update() only.
  Id next_id_ = 1;
  std::atomic<std::uint32_t> needed_{1};
  std::atomic<bool> available_{false};
};

}  // namespace ogive::replication
