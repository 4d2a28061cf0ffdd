#pragma once
// CONSUMER_SEND_MSG_BACK (36): a consumer gives a message back; it comes again later, or becomes a dead letter.

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "broker/figures/traffic_shard.h"
#include "broker/group/group_table.h"
#include "broker/identity.h"
#include "broker/produce/append_lane.h"
#include "broker/topic/topic_table.h"
#include "io/task_pool.h"
#include "remoting/handler_table.h"
#include "remoting/server.h"

namespace ogive::broker {

struct SendBackPorts {
  TopicTable& topics;
  GroupTable& groups;
  store::MessageStore& store;
  remoting::Server& server;
  const BrokerIdentity& identity;
  const std::vector<std::int64_t>& delay_level_ms;
};

/// One reactor's thread only; shares the reactor's append lane.
class SendBackPath final : private AppendObserver {
 public:
  SendBackPath(const SendBackPorts& ports, AppendLane& lane, io::TaskPool& blocking, TrafficShard& traffic);
  ~SendBackPath() override;

  void send_back(const remoting::Request& request);

 private:
  /// What is kept of the request while the original is read.
  struct Given {
    remoting::ReplyTo to;
    std::string group;
    std::string retry_topic;
    std::int64_t offset = 0;
    std::int32_t delay_level = 0;
    std::int32_t max_reconsume_times = 0;
    std::int32_t retry_queue_nums = 1;
  };

  /// A copy on its way into the log.
  struct Waiting {
    remoting::ReplyTo to;
    std::string topic;
    std::string key;  ///< Of the statistics: topic@group.
    bool dead = false;
  };

  /// Nothing when the request may go on, with `given` filled in.
  std::optional<remoting::Message> check(const remoting::Request& request, Given& given);
  void answer(const remoting::ReplyTo& to, remoting::Message message);
  void store_again(const Given& given, const Result<std::vector<std::byte>>& original);
  void on_append_done(std::uint64_t ticket, const AppendOutcome& outcome) override;

  const SendBackPorts ports_;
  AppendLane& lane_;
  io::TaskPool& blocking_;
  Random random_;
  std::uint64_t next_ticket_ = 1;
  absl::flat_hash_map<std::uint64_t, Waiting> waiting_;
  TrafficShard& traffic_;
  std::shared_ptr<bool> alive_ =
      std::make_shared<bool>(true);  ///< Shared with reads under way, which may end after us.
};

}  // namespace ogive::broker
