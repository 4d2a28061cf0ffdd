#pragma once
// Prepares the log ahead of the append position: files exist and their blocks are written before a message needs them.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "base/error.h"
#include "io/executor.h"
#include "store/log/segment.h"
#include "store/task_gate.h"

namespace ogive::store {

/// Keeps a window ahead of the append position prepared, and the next segment in existence, so that a full disk is met
/// here instead of by a message. Where nobody waits for syncs the window is only reserved: that costs nothing per byte.
/// Where somebody does it is written with zeros and synced: syncs of written blocks need no journal commit and take
/// half the time, for which every byte is written twice.
///
/// The work runs on the background executor. An append may overtake the window inside segments that exist; zeros and
/// appended bytes never race, because a piece is claimed before it is zeroed and the log's writer waits for a claim in
/// its way.
class Prewriter {
 public:
  using FailureListener = std::function<void(const Error&)>;
  /// What the disk allows; called on the background executor and, in start(), by its caller.
  struct Space {
    std::function<Status()> may_grow;    ///< An error refuses more of it, for now.
    std::function<std::int64_t()> room;  ///< Bytes the log may still take.
  };

  /// `on_failure` is called when a sync failed: appended bytes of the same file may be lost with it, so the log must
  /// stop.
  Prewriter(io::Executor& background, SegmentList& segments, std::uint64_t window_bytes, Space space,
            FailureListener on_failure);

  /// The append position at start; begins the work.
  void start(std::int64_t position);
  void stop() { gate_.close(); }
  /// Somebody waits for syncs of the log: from the next piece on zeros are written. Any thread, cheap.
  void expect_syncs() {
    if (!writes_zeros_.load(std::memory_order_relaxed)) writes_zeros_.store(true, std::memory_order_relaxed);
  }
  /// Runs `action`, which may remove and make segments, while nothing is prepared; start() must follow. Blocking.
  Status exclusively(const std::function<Status()>& action);

  /// Whether appending up to `end` is possible now. kNoSpace and kIo say why preparing failed, kLimit that it is
  /// behind.
  Status admit(std::int64_t end) {
    if (end <= ready_end_.load(std::memory_order_acquire)) return {};
    return admit_unready(end);
  }
  /// Why nothing more can be prepared, while that is so. Any thread.
  std::optional<Error> refusal() const {
    const std::lock_guard lock(error_mutex_);
    return error_;
  }
  /// The append section moved to `position`. Cheap.
  void advance(std::int64_t position);
  /// Returns when no zeros are being written into [begin, end); called by the log's writer before it writes there.
  void wait_clear(std::int64_t begin, std::int64_t end);

 private:
  static constexpr std::int64_t kPieceBytes = 1 << 20;
  static constexpr std::int64_t kReservedPieceBytes = 16 << 20;
  static constexpr int kPiecesPerTask = 4;  // Other background work gets its turn in between.
  static constexpr Milliseconds kRetryDelay{1000};

  Status admit_unready(std::int64_t end);
  void kick();
  void run();
  Status create_segments();
  void look_for_room(std::int64_t from);
  Status use_file(std::int64_t offset);
  /// One piece; false when the window is full.
  Result<bool> prepare_piece();
  Result<bool> write_piece();
  Result<bool> reserve_piece();
  void report(const Error& error);

  io::Executor& background_;
  SegmentList& segments_;
  const std::int64_t window_bytes_;
  const std::int64_t margin_bytes_;  ///< Distance kept from the append position when it has overtaken the window.
  const Space space_;
  FailureListener on_failure_;

  std::atomic<std::int64_t> position_{0};
  std::atomic<std::int64_t> ready_end_{0};   ///< Prepared up to here.
  std::atomic<std::int64_t> wanted_end_{0};  ///< A batch that reaches beyond the segments there are asked for it.
  std::atomic<std::int64_t> kick_at_{0};
  std::atomic<std::int64_t> room_end_{0};  ///< How far the disk's space went when it was looked at last.
  std::atomic<bool> posted_{false};
  std::atomic<bool> writes_zeros_{false};
  std::atomic<bool> broken_{false};  ///< error_ is set.

  std::mutex run_mutex_;    ///< Held while anything is prepared.
  std::mutex piece_mutex_;  ///< Held while a piece is claimed.
  std::unique_ptr<io::File> file_;
  std::int64_t file_begin_ = 0;
  std::atomic<std::int64_t> claim_begin_{0};
  std::atomic<std::int64_t> claim_end_{0};

  mutable std::mutex error_mutex_;
  std::optional<Error> error_;
  bool retry_armed_ = false;  ///< Background only.
  TaskGate gate_;             ///< Last: closed before anything a task uses is destroyed.
};

}  // namespace ogive::store
