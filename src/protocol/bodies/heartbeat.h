#pragma once
// JSON bodies. HEART_BEAT (34), CHECK_CLIENT_CONFIG (46).
// How structs become JSON: protocol/json.h and docs/protocol/json.md.

#include "protocol/bodies/subscription_data.h"

namespace ogive::protocol {

/// How a group gets its messages.
enum class ConsumeType : std::uint8_t { kActively, kPassively, kPop };
template <>
inline constexpr std::array<std::string_view, 3> kEnumNames<ConsumeType> = {"CONSUME_ACTIVELY", "CONSUME_PASSIVELY",
                                                                            "CONSUME_POP"};

/// Who of a group gets a message.
enum class MessageModel : std::uint8_t { kBroadcasting, kClustering };
template <>
inline constexpr std::array<std::string_view, 2> kEnumNames<MessageModel> = {"BROADCASTING", "CLUSTERING"};

/// Where a group without offsets starts.
enum class ConsumeFromWhere : std::uint8_t {
  kLastOffset,
  kLastOffsetAndMinWhenBootFirst,
  kMinOffset,
  kMaxOffset,
  kFirstOffset,
  kTimestamp
};
template <>
inline constexpr std::array<std::string_view, 6> kEnumNames<ConsumeFromWhere> = {
    "CONSUME_FROM_LAST_OFFSET",  "CONSUME_FROM_LAST_OFFSET_AND_FROM_MIN_WHEN_BOOT_FIRST",
    "CONSUME_FROM_MIN_OFFSET",   "CONSUME_FROM_MAX_OFFSET",
    "CONSUME_FROM_FIRST_OFFSET", "CONSUME_FROM_TIMESTAMP"};

/// A producer group of a client.
struct ProducerData {
  std::string group_name;

  bool operator==(const ProducerData&) const = default;
};
BOOST_DESCRIBE_STRUCT(ProducerData, (), (group_name))

/// A consumer group of a client.
struct ConsumerData {
  std::string group_name;
  ConsumeType consume_type = ConsumeType::kPassively;
  MessageModel message_model = MessageModel::kClustering;
  ConsumeFromWhere consume_from_where = ConsumeFromWhere::kLastOffset;
  std::vector<SubscriptionData> subscription_data_set;
  bool unit_mode = false;

  bool operator==(const ConsumerData&) const = default;
};
BOOST_DESCRIBE_STRUCT(ConsumerData, (),
                      (group_name, consume_type, message_model, consume_from_where, subscription_data_set, unit_mode))

/// Everything a client does, sent every 30 s.
struct HeartbeatData {
  std::string client_id;
  std::vector<ProducerData> producer_data_set;
  std::vector<ConsumerData> consumer_data_set;
  std::int32_t heartbeat_fingerprint = 0;  ///<  0: the heartbeat is of the first version.
  bool without_sub = false;                ///<  Only a sign of life: the subscriptions are those of the fingerprint.

  bool operator==(const HeartbeatData&) const = default;

  static constexpr NameOverride kWireNames[] = {{"client_id", "clientID"}};
};
BOOST_DESCRIBE_STRUCT(HeartbeatData, (),
                      (client_id, producer_data_set, consumer_data_set, heartbeat_fingerprint, without_sub))

/// CHECK_CLIENT_CONFIG (46).
struct CheckClientRequestBody {
  std::string client_id;
  std::string group;
  SubscriptionData subscription_data;
  std::optional<std::string> namespace_;

  bool operator==(const CheckClientRequestBody&) const = default;
};
BOOST_DESCRIBE_STRUCT(CheckClientRequestBody, (), (client_id, group, subscription_data, namespace_))

}  // namespace ogive::protocol
