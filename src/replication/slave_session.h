#pragma once
// A master's end of one slave's connection: checks who it is, then sends it the log.

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/error.h"
#include "base/rate_limit.h"
#include "io/executor.h"
#include "io/network.h"
#include "io/task_pool.h"
#include "replication/byte_rate.h"
#include "replication/ha_stream.h"
#include "replication/record_ends.h"
#include "replication/replica_set.h"
#include "replication/shared_secret.h"
#include "store/message_store.h"
#include "store/raw_log.h"

namespace ogive::replication {

struct SessionOptions {
  std::int64_t window_bytes = 4 << 20;   ///< Sent and not yet reported by the slave.
  std::int64_t piece_bytes = 256 << 10;  ///< At most kMaxPieceBytes.
  Milliseconds heartbeat{5'000};         ///< haSendHeartbeatInterval
  Milliseconds silence{20'000};          ///< haHousekeepingInterval: without a report for so long it is closed.
  bool empty_gets_last_segment = false;  ///< syncFromLastFile
  std::int64_t bytes_per_second = 0;     ///< haFlowControlEnable: maxHaTransferByteInSecond, else 0.
};

/// What sessions share; outlives them.
struct SessionPorts {
  store::RawLog& log;
  io::TaskPool& blocking;
  io::Executor& executor;
  ReplicaSet& replicas;
  const SessionOptions& options;        ///< May change while they live.
  RateLimit& refusals;                  ///< Of log lines about peers that are not served.
  const SharedSecret* secret;           ///< What a peer must know; null: nothing.
  const store::Watermark* limit;        ///< Nothing behind it is sent; null: all of the log is.
  std::function<void()> wait_for_more;  ///< Asks for pump() once end() grows.

  /// Behind the last byte that may be sent; a record ends there.
  PhysicalOffset end() const { return limit == nullptr ? log.end() : std::min(log.end(), limit->value()); }
};

/// Everything on its executor. Nothing is sent before the peer has reported an offset as a slave does. Destroying it
/// closes the connection.
class SlaveSession final : private io::StreamHandler {
 public:
  /// `on_end` is called once, when the connection is over; it must not destroy the session at once.
  SlaveSession(const SessionPorts& ports, std::unique_ptr<io::Stream> stream,
               std::function<void(SlaveSession&)> on_end);
  ~SlaveSession() override;

  void start();
  /// The log has grown to here: a record ends there.
  void note_end() {
    if (state_ == State::kSending) ends_.note(ports_.end().value());
  }
  /// Sends what there is and the window allows.
  void pump();
  /// Heartbeats and silence; called now and then.
  void tick();
  bool proven() const { return state_ == State::kSending; }
  const io::Endpoint& remote() const { return stream_->remote(); }

 private:
  enum class State : std::uint8_t { kWaiting, kChecking, kSending, kClosing };
  // Of the files: what is fetched at a time, how far the device goes ahead of that, and what is sent in a turn, so that
  // a slave that is behind holds up nobody.
  static constexpr std::int64_t kFetchBytes = 1 << 20;
  static constexpr std::int64_t kAheadBytes = 4 << 20;
  static constexpr std::int64_t kTurnBytes = 256 << 10;
  static constexpr std::size_t kMaxPending = 2 << 20;  ///< Handed to the socket and not taken by it.

  Consumed on_data(ByteView data) override;
  void on_drained() override { pump(); }
  void on_closed(const Error& reason) override;

  Consumed take_handshake(ByteView data);
  void place(std::int64_t reported);
  void on_placed(std::int64_t reported, const Result<store::RawLog::Place>& place);
  void begin(std::int64_t offset);
  bool acknowledge(std::int64_t reported);
  std::int64_t sendable() const;
  bool send_from_memory(std::int64_t bytes);
  bool send_from_file(std::int64_t bytes);
  void fetch();
  void on_fetched(std::int64_t from, Result<io::FileRange> range);
  void pump_next_turn();
  void send_heartbeat(std::int64_t offset);
  void pump_after(Milliseconds delay);
  void refuse(std::string_view reason);
  void note_written();

  const SessionPorts& ports_;
  std::unique_ptr<io::Stream> stream_;
  std::function<void(SlaveSession&)> on_end_;
  State state_ = State::kWaiting;
  std::optional<MasterHandshake> handshake_;  ///< While the peer has not proved that it knows the secret.
  ByteRate rate_;
  io::OutBuffer out_;
  ReplicaSet::Id replica_ = 0;
  std::int64_t sent_ = 0;          ///< The log is sent up to here.
  std::int64_t acknowledged_ = 0;  ///< And reported up to here.
  RecordEnds ends_;
  std::deque<io::FileRange> fetched_;  ///< In the system's memory, to be sent from sent_ on.
  std::int64_t fetched_to_ = 0;        ///< Offset behind them.
  std::int64_t turn_bytes_ = 0;        ///< Of files, sent in this turn.
  bool fetching_ = false;
  bool next_turn_ = false;  ///< Goes on then.
  bool caught_up_ = false;
  io::TimerId retry_;
  std::int64_t last_report_ms_ = 0;
  std::int64_t last_write_ms_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< Shared with work that may end after us.
};

}  // namespace ogive::replication
