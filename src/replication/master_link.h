#pragma once
// A slave's end of the connection to its master: compares, follows, reports, and comes again.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/rate_limit.h"
#include "io/network.h"
#include "io/task_pool.h"
#include "replication/ha_stream.h"
#include "replication/replica_writer.h"
#include "replication/shared_secret.h"
#include "store/message_store.h"
#include "store/raw_log.h"

namespace ogive::replication {

/// What a slave's replication runs on; outlives it.
struct SlaveEnvironment {
  io::Network& network;
  io::Executor& executor;
  io::TaskPool& blocking;
  store::MessageStore& store;  ///< Opened as a replica.
};

struct SlaveOptions {
  Milliseconds heartbeat{5'000};  ///< haSendHeartbeatInterval
  Milliseconds silence{20'000};   ///< haHousekeepingInterval
  Milliseconds reconnect{1'000};
  bool report_flushed = false;                 ///< flushDiskType=SYNC_FLUSH: what is reported is on the device.
  bool only_last_segment = false;              ///< syncFromLastFile, for an empty log.
  std::shared_ptr<const SharedSecret> secret;  ///< haSharedSecret: what master and slave prove to each other; or null.
};

enum class LinkState : std::uint8_t {
  kNoMaster,    ///< No address known.
  kConnecting,  ///< Or waiting to try again.
  kComparing,   ///< Connected; whether our log is the beginning of the master's is being looked at.
  kFollowing,
  kDiverged,  ///< Our log is another history. Nothing is overwritten; looked at again now and then.
  kFailed,    ///< Our own store takes nothing more.
};
std::string_view to_string(LinkState state);

/// For status and metrics.
struct LinkStatus {
  LinkState state = LinkState::kNoMaster;
  std::string master;             ///< "ip:port", or what it was given as.
  std::string reason;             ///< Of the last failure, divergence included.
  std::int64_t covered_from = 0;  ///< The log is here from this offset ...
  std::int64_t covered_to = 0;    ///< ... to this one.
  std::int64_t master_end = 0;    ///< As far as heard.
  std::int64_t reported = 0;
  std::int64_t last_read_ms = 0;  ///< Wall clock.
  std::int64_t last_write_ms = 0;
  std::int64_t bytes_per_second = 0;
};

/// Everything on the executor unless said otherwise.
class MasterLink final : private io::StreamHandler {
 public:
  /// Asks the master by other means where its log begins, for a master that does not say so in the stream (the
  /// original). Called on the executor, answers there.
  using AskBegin = std::function<void(std::move_only_function<void(Result<std::int64_t>)>)>;

  MasterLink(const SlaveEnvironment& environment, SlaveOptions options);
  ~MasterLink() override;

  void set_ask_begin(AskBegin ask) { ask_begin_ = std::move(ask); }
  /// Told each time the state changes. On the executor; set before the first set_master().
  void set_listener(std::function<void(LinkState)> listener) { listener_ = std::move(listener); }
  using RecordListener = std::function<void(std::span<const store::AppendBatch::Entry>)>;
  /// Told of records before they are appended, and so before the master hears that they are here. On the executor; set
  /// before the first set_master().
  void set_record_listener(RecordListener listener) { on_records_ = std::move(listener); }
  /// Asked before a record makes a queue whose topic may be of either kind; who says no calls topics_known() later. On
  /// the executor; set before the first set_master().
  void set_knows_topic(store::KnowsTopic knows) { knows_topic_ = std::move(knows); }
  /// Who is waited for may be known now. Any thread.
  void topics_known();
  /// Runs `work` on the executor when no record is on its way into the log. Any thread.
  void between_appends(std::function<void()> work);
  /// "host:port" of the master's replication port; "" for none. The same again changes nothing. Any thread.
  void set_master(const std::string& address);
  void stop();

  /// Connected to a master whose history is ours. Any thread.
  bool following() const { return following_.load(std::memory_order_acquire); }
  LinkStatus status() const;  ///< Any thread.

 private:
  static constexpr std::int64_t kCompareBytes = 64 << 10;

  // StreamHandler.
  Consumed on_data(ByteView data) override;
  void on_drained() override {}
  void on_closed(const Error& reason) override;

  void change_master(const std::string& address);
  void connect();
  void on_connected(Result<std::unique_ptr<io::Stream>> stream);
  struct Tail;
  static Result<Tail> read_tail(const store::RawLog& log);
  void open_stream(Tail tail);
  void begin_stream();
  std::optional<std::size_t> take_handshake(ByteView data);
  void say(std::span<const std::byte> bytes);
  void untrusted(const std::string& reason);
  Status take(const PieceDecoder::Event& event);
  Status take_heartbeat(std::int64_t offset);
  Status take_bytes(std::int64_t offset, ByteView bytes);
  Status take_first(std::int64_t offset);
  Status compare(std::int64_t offset, ByteView& bytes);
  void ask_where_it_begins();
  void disconnect();
  void lost(const Error& reason);
  void diverged(const Error& reason);
  void connect_later(Milliseconds delay);
  void report();
  void send_report(std::int64_t offset);
  void tick();
  void set_state(LinkState state, std::string reason = {});

  const SlaveEnvironment environment_;
  const SlaveOptions options_;
  RateLimit untrusted_logged_;
  AskBegin ask_begin_;
  std::function<void(LinkState)> listener_ = [](LinkState) {};
  store::KnowsTopic knows_topic_ = [](std::string_view, PhysicalOffset) { return true; };
  RecordListener on_records_ = [](std::span<const store::AppendBatch::Entry>) {};
  ReplicaWriter writer_;

  std::string address_;
  std::uint64_t attempt_ = 0;  ///< Names a connect; an older one's outcome is dropped.
  std::unique_ptr<io::Stream> stream_;
  std::optional<SlaveHandshake> handshake_;  ///< While the master has not proved that it knows the secret.
  PieceDecoder decoder_;
  std::int64_t next_ = -1;  ///< Where the stream goes on; -1 before its first piece.
  std::int64_t first_report_ = 0;
  std::vector<std::byte> tail_;  ///< Our last bytes, while they are compared.
  std::int64_t tail_begin_ = 0;
  std::int64_t tail_end_ = 0;
  std::optional<std::int64_t> whole_log_begin_;  ///< What the master said when asked.
  std::int64_t reported_ = -1;
  bool waits_for_flush_ = false;
  io::TimerId timer_;  ///< Heartbeats and silence while connected, the next try otherwise.
  std::int64_t last_read_ms_ = 0;
  std::int64_t last_write_ms_ = 0;
  std::int64_t received_ = 0;  ///< Bytes since rate_since_ms_.
  std::int64_t rate_since_ms_ = 0;

  std::atomic<bool> following_{false};
  mutable std::mutex status_mutex_;
  LinkStatus status_;
  std::shared_ptr<bool> alive_ =
      std::make_shared<bool>(true);  ///< Shared with connects and waits that may end after us.
};

}  // namespace ogive::replication
