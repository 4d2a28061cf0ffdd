#pragma once
// A whole broker, put together: store, metadata, one side per reactor, the server in front, the registrar behind.

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/settings/settings.h"
#include "broker/cluster/metadata_sync.h"
#include "broker/cluster/registrar.h"
#include "broker/cluster/replication.h"
#include "broker/delay/delay_service.h"
#include "broker/figures/traffic.h"
#include "broker/group/group_table.h"
#include "broker/identity.h"
#include "broker/offset/offset_reset.h"
#include "broker/offset/offset_table.h"
#include "broker/produce/dead_letter_rule.h"
#include "broker/reactor_side.h"
#include "broker/session/client_calls.h"
#include "broker/session/consumer_registry.h"
#include "broker/session/producer_registry.h"
#include "broker/session/queue_locks.h"
#include "broker/session/session_expiry.h"
#include "broker/state/config_file.h"
#include "broker/topic/topic_table.h"
#include "io/file.h"
#include "io/network.h"
#include "io/task_pool.h"
#include "remoting/server.h"
#include "rocks/rocks_store.h"
#include "store/message_store.h"

namespace ogive::broker {

/// What a broker runs on; all of it must outlive the broker, and every executor must have stopped (or be idle, in the
/// simulated world) before it is destroyed. The first reactor also runs the control work.
struct BrokerEnvironment {
  io::Network& network;
  std::vector<io::Executor*> reactors;
  io::TaskPool& blocking;
  io::FileSystem& files;
  const Clock& clock;
  io::Executor& flusher;                              ///< fdatasync; a thread of its own.
  io::Executor& background;                           ///< Pre-writing and consume-queue files; a thread of its own.
  io::Executor& delivery;                             ///< Delayed messages; a thread of its own.
  std::int64_t memory_bytes = std::int64_t{4} << 30;  ///< Of the machine.
};

/// Built and started from one thread; then everything happens on its executors.
class Broker {
 public:
  /// Opens the store and reads the metadata. Errors name the directory or file and what to do.
  static Result<std::unique_ptr<Broker>> open(const BrokerEnvironment& environment, settings::Settings& settings);
  ~Broker();

  /// Listens and begins to serve; before or while the executors run.
  Status start();
  /// Leaves the name servers, answers what is parked, closes the connections; `done` on the first reactor.
  void stop(io::Task done);
  /// Ends delayed delivery. On the delivery executor, after stop().
  void stop_delivery();
  /// Saves the metadata and closes the store. After every executor has stopped. Blocking.
  Status close();

  const io::Endpoint& endpoint() const { return endpoint_; }
  std::size_t connection_count() const { return server_->connection_count(); }
  /// Long polls that wait, on all reactors.
  std::size_t parked_polls() const;
  const store::RecoveryReport& recovery() const { return store_->recovery(); }
  store::MessageStore& store() { return *store_; }
  /// Of a slave: it follows its master.
  bool following() const;
  /// Of the main port and of the fast port; for documentation and metrics.
  const remoting::HandlerTable& handlers() const { return handlers_; }
  const remoting::HandlerTable& fast_handlers() const { return fast_handlers_; }
  /// The line that says the broker is up.
  std::string boot_line() const;

 private:
  Broker(const BrokerEnvironment& environment, settings::Settings& settings);
  Status open_store();
  Status open_databases();
  Status load_topics();
  Status load_metadata();
  void limit_offsets();
  void build_sides();
  void build_traffic();
  void build_handlers();
  TrafficTotals traffic_totals() const;
  void follow_settings();
  Result<io::Endpoint> bind_address() const;
  void follow_master();
  void look_for_master();
  /// Says in identity_ whether the master can serve whom we send there. On the first reactor.
  void note_master();
  void save_offsets_regularly();
  void on_arrival(store::ConsumeQueue& queue);
  void answer_and_shut_down(io::Task done);
  void on_channel_closed(remoting::ChannelId channel);
  std::string config_file(std::string_view name) const;
  StateFile state_file(std::string_view name) const;

  const BrokerEnvironment environment_;
  settings::Settings& settings_;
  BrokerIdentity identity_;
  std::string root_;
  ConfigFile config_file_;
  std::vector<std::int64_t> delay_level_ms_;
  std::unique_ptr<store::MessageStore> store_;
  std::unique_ptr<rocks::RocksStore> rocks_;  ///< Null unless parts of the store are in RocksDB.
  std::unique_ptr<Replication> replication_;
  std::unique_ptr<TopicTable> topics_;
  std::unique_ptr<GroupTable> groups_;
  std::unique_ptr<OffsetTable> offsets_;
  std::unique_ptr<OffsetHandover> offset_handover_;  ///< Of a slave.
  ConsumerRegistry consumers_;
  ProducerRegistry producers_;
  QueueLocks locks_;
  std::vector<std::unique_ptr<TrafficShard>> shards_;  ///< By reactor; the last one is the delay service's.
  std::unique_ptr<DeadLetterRule> dead_letters_;
  std::unique_ptr<OffsetReset> offset_reset_;
  remoting::HandlerTable handlers_;
  remoting::HandlerTable fast_handlers_;  ///< Of the fast port: everything but pulls.
  std::unique_ptr<remoting::Server> server_;
  std::unique_ptr<ClientCalls> client_calls_;
  std::unique_ptr<SessionExpiry> expiry_;
  std::unique_ptr<DelayService> delay_;
  std::unique_ptr<Deletions> deletions_;
  std::unique_ptr<TopicRemoval> topic_removal_;
  std::unique_ptr<AdoptedTopics> adopted_topics_;  ///< Of a slave, as the next.
  std::unique_ptr<MetadataSync> metadata_sync_;
  std::unique_ptr<Registrar> registrar_;
  ReactorSides sides_;
  std::unique_ptr<Traffic> traffic_;
  io::Endpoint endpoint_;
  io::TimerId offset_timer_;
  std::int64_t stop_began_ms_ = 0;  ///< Monotonic.
  io::TimerId master_timer_;
};

}  // namespace ogive::broker
