#pragma once
// Everything a reactor does with consumers' pulls: check, read, park, answer. docs/internals/consume.md.

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/string_map.h"
#include "broker/consume/consumer_cache.h"
#include "broker/consume/parked_pulls.h"
#include "broker/figures/traffic_shard.h"
#include "broker/identity.h"
#include "broker/topic_cache.h"
#include "io/task_pool.h"
#include "protocol/headers/pull.h"
#include "remoting/handler_table.h"
#include "remoting/server.h"

namespace ogive::broker {

/// Counters of one reactor's pulls; read by any thread.
struct PullCounters {
  Counter messages;
  Counter found;
  Counter missed;
  Counter slowest_read_ms;  ///< Of those that went to the disk.
};

struct PullOptions {
  bool lite_pull = true;                    ///< litePullMessageEnable
  bool reject_pull_consumer = false;        ///< rejectPullConsumerEnable
  bool long_polling = true;                 ///< longPollingEnable
  std::int64_t short_polling_ms = 1'000;    ///< shortPollingTimeMills
  std::uint32_t memory_bytes = 256u << 10;  ///< maxTransferBytesOnMessageInMemory
  std::uint32_t memory_messages = 32;       ///< maxTransferCountOnMessageInMemory
  std::uint32_t disk_bytes = 64u << 10;     ///< maxTransferBytesOnMessageInDisk
  std::uint32_t disk_messages = 8;          ///< maxTransferCountOnMessageInDisk
  std::size_t max_parked = 100'000;         ///< Long polls per reactor; more are answered "nothing" at once.
  std::int64_t max_suspend_ms = 60'000;     ///< No client may hold a poll longer.
  /// accessMessageInMemoryMaxRatio of the memory: what is farther behind the log's end counts as on the disk, although
  /// the tail cache ends far before.
  std::int64_t slow_bytes = 0;
};

/// What all reactors' pull paths share.
struct PullPorts {
  TopicTable& topics;
  GroupTable& groups;
  ConsumerRegistry& consumers;
  OffsetTable& offsets;
  store::MessageStore& store;
  remoting::Server& server;
};

/// One reactor's thread only, except note_arrival.
class PullPath final : private io::TurnHook {
 public:
  PullPath(const PullPorts& ports, const BrokerIdentity& identity, const PullOptions& options, io::TaskPool& blocking,
           io::Executor& executor, TrafficShard& traffic);
  ~PullPath() override;

  /// For pulls from now on. On the executor.
  void set_options(const PullOptions& options) { options_ = options; }

  /// Codes 11 and 361.
  void pull(const remoting::Request& request);
  /// `queue` has new messages. Any thread; cheap where nothing is parked.
  void note_arrival(store::ConsumeQueue& queue);
  /// Answers every parked poll "nothing" (shutdown).
  void release_all();

  const PullCounters& counters() const { return counters_; }
  std::size_t parked() const { return parked_count_.load(); }

 private:
  using Header = protocol::PullMessageRequestHeader;
  using Refusal = std::optional<remoting::Message>;

  Refusal check_access(const remoting::Request& request, const Header& header, CachedTopic*& topic,
                       CachedConsumer*& consumer);
  Refusal choose_filter(const remoting::Request& request, const Header& header, const CachedConsumer& consumer,
                        SubscriptionPtr& filter);
  SubscriptionPtr parse_subscription(const Header& header);
  /// Takes a pending offset reset of the queue; true when the request was answered with it.
  bool answer_reset(const remoting::Request& request, const Header& header, const CachedConsumer& consumer,
                    const PullTask& task);

  store::ReadResult read(const PullTask& task, bool wait);
  /// Tries `task` without waiting for the disk; parks it, sends it to the blocking lane or answers it.
  void attempt(PullTask task);
  void attempt_blocking(PullTask task);
  void settle(PullTask task, store::ReadResult result);
  void wake(store::ConsumeQueue& queue);
  void expire(PullTask task);
  void reply(const PullTask& task, store::ReadResult result);
  /// The broker of this name from which the client had better pull next.
  std::int64_t suggested_broker(const PullTask& task, const store::ReadResult& result) const;
  void refuse(const remoting::Request& request, remoting::Message message);
  void on_turn_end() override;

  const PullPorts ports_;
  const BrokerIdentity& identity_;
  PullOptions options_;
  io::TaskPool& blocking_;
  io::Executor& executor_;
  TopicCache topics_;
  ConsumerCache consumers_;
  ParkedPulls parked_;
  std::atomic<std::size_t> parked_count_{0};
  std::vector<store::ConsumeQueue*> arrived_;
  StringMap<SubscriptionPtr> expressions_;  ///< Parsed subscriptions that came with pulls.
  PullCounters counters_;
  std::shared_ptr<bool> alive_ =
      std::make_shared<bool>(true);  ///< Shared with reads under way, which may end after us.
};

}  // namespace ogive::broker
