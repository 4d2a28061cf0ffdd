#pragma once
// Makes appended bytes durable: one sync at a time, the next group gathers while it runs.

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>

#include "base/error.h"
#include "io/executor.h"
#include "store/log/segment.h"
#include "store/message_store.h"
#include "store/task_gate.h"
#include "store/watermark.h"

namespace ogive::store {

/// Thread-safe. The syncs run on the flusher executor (or inside flush_now).
class Flusher {
 public:
  struct Hooks {
    /// Everything before this offset is on the device; called before the flushed mark says so.
    std::function<void(PhysicalOffset)> on_flushed;
    /// A sync has failed, which is final: none is tried again.
    std::function<void(const Error&)> on_failure;
  };

  /// `appended` is read, `flushed` advanced.
  Flusher(io::Executor& executor, SegmentList& segments, const Watermark& appended, Watermark& flushed,
          Milliseconds interval, Hooks hooks);

  void stop() { gate_.close(); }
  /// The log has failed: nothing is flushed any more, because what a later sync says about lost pages is not true.
  void fail_all() { failed_.store(true); }
  /// Flush as soon as the one under way (if any) is done. Idempotent, cheap.
  void request();
  /// Something was appended: flush within the interval even if nobody asks. Cheap.
  void note_appended() {
    if (!interval_armed_.load(std::memory_order_relaxed)) arm_interval();
  }
  /// Flushes on the calling thread. Blocking.
  Status flush_now();
  SyncFigures figures() const {
    return {syncs_.load(std::memory_order_relaxed), last_sync_ns_.load(std::memory_order_relaxed)};
  }

 private:
  void arm_interval();

  io::Executor& executor_;
  SegmentList& segments_;
  const Watermark& appended_;
  Watermark& flushed_;
  const Milliseconds interval_;
  const Hooks hooks_;

  std::atomic<bool> requested_{false};
  std::atomic<bool> interval_armed_{false};
  std::atomic<bool> failed_{false};
  std::atomic<std::uint64_t> syncs_{0};
  std::atomic<std::int64_t> last_sync_ns_{0};
  std::mutex sync_mutex_;  ///< One flush at a time.
  TaskGate gate_;
};

}  // namespace ogive::store
