#pragma once
// The replication port of a master: accepts slaves and keeps them supplied.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/rate_limit.h"
#include "io/network.h"
#include "io/task_pool.h"
#include "replication/replica_set.h"
#include "replication/shared_secret.h"
#include "replication/slave_session.h"
#include "store/message_store.h"

namespace ogive::replication {

/// What a master's replication runs on; outlives it.
struct MasterEnvironment {
  io::Network& network;
  io::Executor& executor;  ///< Carries every slave's connection.
  io::TaskPool& blocking;
  store::MessageStore& store;
};

struct MasterOptions {
  SessionOptions session;
  ReplicaRule rule;
  /// Addresses slaves may come from; empty: any.
  std::vector<std::string> allowed;
  // As they were when the port was made; configure() does not change them.
  std::shared_ptr<const SharedSecret> secret;  ///< haSharedSecret: what slaves must prove to know; null: nothing.
  bool only_flushed = false;  ///< flushDiskType=SYNC_FLUSH: no slave gets what a power loss could take from us.
};

/// "10.0.0.1, 10.0.0.2" → the addresses; kInvalidArgument names the piece that is none.
Result<std::vector<std::string>> parse_addresses(std::string_view text);

/// Everything on the executor unless said otherwise. What a turn of the executor appends leaves for the slaves at that
/// turn's end, before the sockets are looked at again.
class MasterPort final : private io::TurnHook {
 public:
  static constexpr std::size_t kMaxSlaves = 64;
  static constexpr std::size_t kMaxUnproven = 256;  ///< Connections that have not reported an offset yet.

  MasterPort(const MasterEnvironment& environment, MasterOptions options);
  ~MasterPort() override;

  /// Listens. Before or while the executor runs; any thread.
  Result<io::Endpoint> listen(const io::Endpoint& local);
  /// Other options from now on. Any thread.
  void configure(MasterOptions options);
  /// Sends at once what this turn has appended so far, for a turn that goes on.
  void send_grown();
  /// Closes the port and every connection.
  void stop();

  /// Any thread.
  const ReplicaSet& replicas() const { return replicas_; }
  std::size_t connection_count() const { return connection_count_.load(std::memory_order_relaxed); }
  std::uint64_t refused_connections() const { return refused_.load(std::memory_order_relaxed); }

 private:
  void on_accept(std::unique_ptr<io::Stream> stream);
  bool admits(const io::Endpoint& remote);
  void on_end(SlaveSession& session);
  void wait_for_more();
  void on_grown();
  void on_turn_end() override;
  void tick();
  void arm_tick();

  const MasterEnvironment environment_;
  MasterOptions options_;
  const std::shared_ptr<const SharedSecret> secret_;
  ReplicaSet replicas_;
  RateLimit refusals_;
  SessionPorts ports_;
  std::map<SlaveSession*, std::unique_ptr<SlaveSession>> sessions_;
  std::unique_ptr<io::Listener> listener_;
  bool waiting_ = false;  ///< For the log to grow.
  bool grown_ = false;    ///< The turn's end is waited for.
  io::TimerId tick_;
  std::atomic<std::size_t> connection_count_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< Shared with posts that may come after us.
};

}  // namespace ogive::replication
