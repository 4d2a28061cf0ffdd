#pragma once
// One executor's way into the store: everything staged in a turn is appended together at its end, then each sender is
// told.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "broker/figures/append_latency.h"
#include "broker/figures/counter.h"
#include "io/executor.h"
#include "message/record.h"
#include "replication/replica_set.h"
#include "store/message_store.h"

namespace ogive::broker {

/// How far a message must have come before its sender is told; always at least in the file (survives the process).
struct AppendLevel {
  bool flushed = false;     ///< On the device: survives power loss.
  bool replicated = false;  ///< On as many slaves as the rule asks for: survives this machine.
};

/// What became of one staged message (or of the messages of one batch request).
struct AppendOutcome {
  /// From the best to the worst: of several the worst is told.
  enum class Kind : std::uint8_t {
    kOk,
    kNoReplica,       ///< Stored here, but there are too few slaves to wait for.
    kReplicaTimeout,  ///< Stored here, but too few slaves had it in time.
    kFlushTimeout,    ///< In the file, but not on the device in time.
    kFailed,
  };
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
    std::size_t max_batch_bytes = 8u << 20;             ///< A fuller batch is submitted within the turn, and then
    std::function<void()> after_early_submit;           ///< this is called, if there is one.
    std::size_t max_awaiting_bytes = 256u << 20;        ///< Above it new messages are refused with kLimit.
    Milliseconds flush_timeout{5'000};                  ///< syncFlushTimeout
    Milliseconds replica_timeout{3'000};                ///< slaveTimeout
    const replication::ReplicaSet* replicas = nullptr;  ///< Who is waited for; null: nobody is there.
  };

  AppendLane(store::MessageStore& store, io::Executor& executor, const Options& options);
  ~AppendLane() override;

  /// kLimit while too much waits for the device or for slaves; the text says how much.
  Status admit() const;

  /// Begins a request of one or more messages; add them by add(), then end it by commit().
  void begin();
  /// Encodes a record for `queue`, with the property CRC where the store wants it. An inner batch (system flag) takes
  /// as many offsets of a batch queue as its INNER_NUM says, and tells the first in INNER_BASE. The returned entry may
  /// be adjusted until the next call.
  store::AppendBatch::Entry& add(store::ConsumeQueue& queue, const message::RecordFields& fields,
                                 std::int64_t tags_code);
  /// One message of a series: what it does not share with the others.
  struct Part {
    std::int32_t flag = 0;
    ByteView body;
    std::string_view properties;
    std::int64_t tags_code = 0;
  };
  /// As add() for each of `parts`; `fields` has what they share.
  void add_series(store::ConsumeQueue& queue, const message::RecordFields& fields, std::span<const Part> parts);
  /// The messages added since begin() are one request: `observer` hears of them together.
  void commit(AppendLevel level, AppendObserver& observer, std::uint64_t ticket);

  io::Executor& executor() { return executor_; }
  const AppendCounters& counters() const { return counters_; }

 private:
  struct Waiter {
    AppendObserver* observer = nullptr;  ///< Null once it has been told.
    std::uint64_t ticket = 0;
    std::uint32_t first_entry = 0;
    std::uint32_t entry_count = 0;
    AppendLevel needs;                                    ///< What is still missing.
    AppendOutcome::Kind kind = AppendOutcome::Kind::kOk;  ///< To be told once nothing is missing.
    bool needs_nothing() const { return !needs.flushed && !needs.replicated; }
  };
  /// Sums over requests that are told together.
  struct Told {
    std::uint64_t requests = 0;
    std::uint64_t failures = 0;  ///< Of the requests.
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
  };
  /// One of the marks that a batch's requests may wait for.
  struct Mark {
    bool AppendLevel::* level;
    AppendOutcome::Kind late;
  };
  static constexpr Mark kMarks[] = {{&AppendLevel::flushed, AppendOutcome::Kind::kFlushTimeout},
                                    {&AppendLevel::replicated, AppendOutcome::Kind::kReplicaTimeout}};

  /// A batch with the requests in it; lives until all of them are told and is then used again.
  struct Batch final : store::AppendBatch {
    std::uint64_t id = 0;  ///< Names it while it waits: what it waits for may come when it is long gone.
    std::vector<Waiter> waiters;
    std::int64_t opened_ns = 0;  ///< Monotonic.
    AppendLevel any;             ///< What at least one of them waits for.
    std::size_t untold = 0;
    io::TimerId timers[2];
  };

  /// With the properties that the server owes.
  store::AppendBatch::Entry& add_with_tail(store::ConsumeQueue& queue, message::RecordFields fields,
                                           std::int64_t tags_code, message::RecordTail tail);
  void on_turn_end() override;
  void on_appended(std::unique_ptr<store::AppendBatch> batch, Status status) override;
  void submit();
  Batch& open_batch();
  /// Drops the slaves from what `waiter` needs when there is nobody to wait for.
  void settle_replicas(Waiter& waiter) const;
  void await(std::unique_ptr<Batch> batch);
  void await_mark(Batch& batch, std::size_t index);
  /// Has the log flushed once nothing more is at hand that the same sync could cover.
  void want_flush();
  void look_for_more();
  bool gathered_enough() const;
  void ask_for_flush();
  /// The wait of batch `id` for a mark is over, whatever came of it.
  void on_mark(std::uint64_t id, std::size_t index, AppendOutcome::Kind kind, const Error* error);
  /// Where batch `id` is in awaiting_, or its end: nobody waits any more.
  std::vector<std::unique_ptr<Batch>>::iterator find_waiting(std::uint64_t id);
  void tell(Batch& batch, Waiter& waiter, const Error* error, Told& told);
  void count(const Batch& batch, const Told& told);
  void recycle(std::unique_ptr<Batch> batch);

  store::MessageStore& store_;
  io::Executor& executor_;
  const Options options_;
  const bool property_crc_;
  std::string properties_;  ///< Scratch.
  std::unique_ptr<Batch> open_;
  std::uint32_t request_first_entry_ = 0;
  std::vector<std::unique_ptr<Batch>> awaiting_;  ///< Oldest first.
  std::size_t awaiting_bytes_ = 0;
  std::uint64_t last_id_ = 0;
  bool flush_wanted_ = false;  ///< Not asked for yet.
  bool looking_for_more_ = false;
  std::int64_t flush_wanted_since_ns_ = 0;
  std::vector<std::unique_ptr<Batch>> free_;
  AppendCounters counters_;
  bool used_ = false;  ///< Until then it may end on any thread: with a start that is refused.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< Shared with waits that may end after us.
};

}  // namespace ogive::broker
