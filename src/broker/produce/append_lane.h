#pragma once
// One executor's way into the store: everything staged in a turn is appended together at its end, then each sender is
// told.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "broker/figures/append_latency.h"
#include "broker/figures/counter.h"
#include "io/executor.h"
#include "message/record.h"
#include "store/message_store.h"

namespace ogive::broker {

/// How far a message had come when its sender is told.
enum class AppendLevel : std::uint8_t {
  kAppended,  ///< In the file: survives the process.
  kFlushed,   ///< On the device: survives power loss.
};

/// What became of one staged message (or of the messages of one batch request).
struct AppendOutcome {
  enum class Kind : std::uint8_t { kOk, kFlushTimeout, kFailed };
  Kind kind = Kind::kOk;
  const Error* error = nullptr;                        ///< Set when kFailed.
  std::span<const store::AppendBatch::Entry> entries;  ///< The messages, placed; empty when kFailed.
  std::int64_t store_timestamp_ms = 0;
};

/// Told once, on the lane's executor. The outcome is valid during the call only.
class AppendObserver {
 public:
  virtual ~AppendObserver() = default;
  /// `ticket` is what stage() was given: the observer's own index of the request.
  virtual void on_append_done(std::uint64_t ticket, const AppendOutcome& outcome) = 0;
};

/// Counted on the lane's executor, read by any thread.
struct AppendCounters {
  Counter messages;
  Counter bytes;
  Counter failures;  ///< Requests.
  AppendLatency latency;
};

/// One executor's thread only. The store must be done with every batch before the lane is destroyed.
class AppendLane final : private io::TurnHook, private store::AppendListener {
 public:
  struct Options {
    std::size_t max_batch_bytes = 8u << 20;             ///< A fuller batch is submitted within the turn.
    std::size_t max_awaiting_flush_bytes = 256u << 20;  ///< Above it new messages are refused with kLimit.
    Milliseconds flush_timeout{5'000};                  ///< syncFlushTimeout
  };

  AppendLane(store::MessageStore& store, io::Executor& executor, const Options& options);
  ~AppendLane() override;

  /// kLimit while too much waits for the device; the text says how much.
  Status admit() const;

  /// Begins a request of one or more messages; add them by add(), then end it by commit().
  void begin();
  /// Encodes a record for `queue`, with the property CRC where the store wants it. An inner batch (system flag) takes
  /// as many offsets of a batch queue as its INNER_NUM says, and tells the first in INNER_BASE. The returned entry may
  /// be adjusted until the next call.
  store::AppendBatch::Entry& add(store::ConsumeQueue& queue, const message::RecordFields& fields,
                                 std::int64_t tags_code);
  /// The messages added since begin() are one request: `observer` hears of them together.
  void commit(AppendLevel level, AppendObserver& observer, std::uint64_t ticket);

  io::Executor& executor() { return executor_; }
  const AppendCounters& counters() const { return counters_; }

 private:
  struct Waiter {
    AppendObserver* observer = nullptr;
    std::uint64_t ticket = 0;
    std::uint32_t first_entry = 0;
    std::uint32_t entry_count = 0;
    AppendLevel level = AppendLevel::kAppended;
  };
  /// A batch with the requests in it; lives through append and flush and is then used again.
  struct Batch final : store::AppendBatch {
    std::vector<Waiter> waiters;
    std::int64_t opened_ns = 0;  ///< Monotonic.
    bool any_flushed = false;
    bool timed_out = false;
    io::TimerId timer;
  };

  /// With the properties that the server owes.
  store::AppendBatch::Entry& add_with_tail(store::ConsumeQueue& queue, message::RecordFields fields,
                                           std::int64_t tags_code, message::RecordTail tail);
  void on_turn_end() override;
  void on_appended(std::unique_ptr<store::AppendBatch> batch, Status status) override;
  void submit();
  Batch& open_batch();
  void await_flush(std::unique_ptr<Batch> batch);
  void on_flushed(Batch* batch, const Status& status);
  /// Requests of `level` in the batch are done, `failed` or stored.
  void count(const Batch& batch, AppendLevel level, bool failed);
  void tell(const Batch& batch, const Waiter& waiter, AppendOutcome::Kind kind, const Error* error);
  void recycle(std::unique_ptr<Batch> batch);

  store::MessageStore& store_;
  io::Executor& executor_;
  const Options options_;
  const bool property_crc_;
  std::string properties_;  ///< Scratch.
  std::unique_ptr<Batch> open_;
  std::uint32_t request_first_entry_ = 0;
  std::vector<std::unique_ptr<Batch>> awaiting_flush_;
  std::size_t awaiting_flush_bytes_ = 0;
  std::vector<std::unique_ptr<Batch>> free_;
  AppendCounters counters_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< Shared with flush waits that may end after us.
};

}  // namespace ogive::broker
