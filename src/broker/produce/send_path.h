#pragma once
// Everything a reactor does with a producer's messages: check, stage, answer. docs/internals/produce.md.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/figures/traffic_shard.h"
#include "broker/identity.h"
#include "broker/produce/append_lane.h"
#include "broker/produce/message_properties.h"
#include "broker/produce/unique_key.h"
#include "broker/topic_cache.h"
#include "protocol/headers/send.h"
#include "remoting/handler_table.h"
#include "remoting/server.h"

namespace ogive::broker {

class DeadLetterRule;

/// What all reactors' send paths share.
struct SendPorts {
  TopicTable& topics;
  store::MessageStore& store;
  remoting::Server& server;
  const BrokerIdentity& identity;
  DeadLetterRule& dead_letters;
  const std::vector<std::int64_t>& delay_level_ms;  ///< Level 1 first; higher levels are delivered at the last one.
};

/// One reactor's thread only.
class SendPath final : private AppendObserver {
 public:
  SendPath(const SendPorts& ports, io::Executor& executor, const AppendLane::Options& options, std::uint32_t reactor,
           TrafficShard& traffic);
  ~SendPath() override;

  /// Codes 10 and 310.
  void send(const remoting::Request& request);
  /// Code 320, and the others with their batch flag set.
  void send_batch(const remoting::Request& request);

  AppendLane& lane() { return lane_; }
  /// Refused before anything was stored. Any thread.
  std::uint64_t refused() const { return refused_.get(); }

 private:
  struct Pending {
    remoting::ReplyTo to;
    std::int32_t queue_id = 0;
    TrafficCounters* traffic = nullptr;
    bool inner_batch = false;    ///< The unique key is the batch's, which the producer is told.
    std::string transaction_id;  ///< The message's unique key; kept so that its capacity is reused.
    std::string unsaved_topic;   ///< "" unless the topic was made just now.
  };
  using Send = protocol::SendMessageRequestHeader;
  using Refusal = std::optional<remoting::Message>;

  /// The topic for `send`, created where the rules allow it; a refusal otherwise.
  Refusal resolve_topic(const remoting::Request& request, const Send& send, CachedTopic*& topic);
  Refusal check(const remoting::Request& request, const Send& send, CachedTopic*& topic);
  /// Stages the batch in parts_ as one record that its consumers take apart: topics with batch queues have them so.
  void stage_inner_batch(message::RecordFields& fields, PropertyScan& whole, store::ConsumeQueue& queue);
  /// Takes a batch apart into parts_.
  Refusal read_parts(ByteView batch);
  Refusal check_message(const Send& send, const PropertyScan& scan, std::size_t body_bytes) const;
  /// Fills in the properties the server owes: CLUSTER, a unique key; drops the reserved ones.
  void complete_properties(message::RecordFields& fields, PropertyScan& scan);

  message::RecordFields record_fields(const remoting::Request& request, const Send& send,
                                      const CachedTopic& topic) const;
  AppendLevel level_for(const PropertyScan& scan) const;
  std::uint64_t open_ticket(const remoting::Request& request, const CachedTopic& topic, std::int32_t queue_id,
                            std::string_view unique_key, TrafficCounters& traffic);
  TrafficCounters& traffic_of(CachedTopic& topic);
  void refuse(const remoting::Request& request, remoting::Message message);
  void on_append_done(std::uint64_t ticket, const AppendOutcome& outcome) override;
  void reply_when_saved(const Pending& pending, const AppendOutcome& outcome);
  void reply_stored(const Pending& pending, const AppendOutcome& outcome);
  void reply_failed(const Pending& pending, const Error& error);

  const SendPorts ports_;
  const Clock& clock_;
  TopicCache topics_;
  AppendLane lane_;
  UniqueKeyGenerator unique_keys_;
  Random random_;
  std::string server_tail_;       ///< The server's own pairs, to follow properties that end with a separator.
  std::string properties_copy_;   ///< Scratch for messages whose properties must be rewritten.
  std::string inner_properties_;  ///< Scratch, as generated_key_.
  std::string generated_key_;
  std::vector<AppendLane::Part> parts_;  ///< Scratch for the batch at hand.
  std::vector<Pending> pending_;
  std::vector<std::uint32_t> free_;
  TrafficShard& traffic_;
  TrafficCounters& delayed_;  ///< What waits in the schedule topic counts there until it is delivered.
  Counter refused_;
  remoting::OwedAnswers& owed_;
  std::shared_ptr<bool> alive_ =
      std::make_shared<bool>(true);  ///< Shared with saves under way, which may end after us.
};

}  // namespace ogive::broker
