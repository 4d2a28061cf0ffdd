#pragma once
// JSON bodies. Server-side assignment and pop: 400, 401, 402, 200151.
// How structs become JSON: protocol/json.h and docs/protocol/json.md.

#include "protocol/bodies/heartbeat.h"
#include "protocol/bodies/message_queue.h"

namespace ogive::protocol {

/// How an assigned queue is read.
enum class MessageRequestMode : std::uint8_t { kPull, kPop };
template <>
inline constexpr std::array<std::string_view, 2> kEnumNames<MessageRequestMode> = {"PULL", "POP"};

/// QUERY_ASSIGNMENT (400).
struct QueryAssignmentRequestBody {
  std::string topic;
  std::string consumer_group;
  std::string client_id;
  std::string strategy_name;
  MessageModel message_model = MessageModel::kClustering;
};
BOOST_DESCRIBE_STRUCT(QueryAssignmentRequestBody, (), (topic, consumer_group, client_id, strategy_name, message_model))

/// One assigned queue.
struct MessageQueueAssignment {
  MessageQueue message_queue;
  MessageRequestMode mode = MessageRequestMode::kPull;
  std::optional<std::map<std::string, std::string>> attachments;
};
BOOST_DESCRIBE_STRUCT(MessageQueueAssignment, (), (message_queue, mode, attachments))

/// Answer to 400; without the member when nothing can be assigned.
struct QueryAssignmentResponseBody {
  std::optional<std::vector<MessageQueueAssignment>> message_queue_assignments;
};
BOOST_DESCRIBE_STRUCT(QueryAssignmentResponseBody, (), (message_queue_assignments))

/// SET_MESSAGE_REQUEST_MODE (401).
struct SetMessageRequestModeRequestBody {
  std::string topic;
  std::string consumer_group;
  MessageRequestMode mode = MessageRequestMode::kPull;
  std::int32_t pop_share_queue_num = 0;
};
BOOST_DESCRIBE_STRUCT(SetMessageRequestModeRequestBody, (), (topic, consumer_group, mode, pop_share_queue_num))

/// GET_ALL_MESSAGE_REQUEST_MODE (402) and messageRequestMode.json: topic, group.
struct MessageRequestModeSerializeWrapper {
  std::map<std::string, std::map<std::string, SetMessageRequestModeRequestBody>> message_request_mode_map;
};
BOOST_DESCRIBE_STRUCT(MessageRequestModeSerializeWrapper, (), (message_request_mode_map))

/// Acknowledgements of one pop in one queue.
struct BatchAck {
  std::string consumer_group;
  std::string topic;
  std::string retry;
  std::int64_t start_offset = 0;
  std::int32_t queue_id = 0;
  std::int32_t revive_queue_id = 0;
  std::int64_t pop_time = 0;
  std::int64_t invisible_time = 0;
  std::string bit_set;  ///< Base64 of a little-endian bit set: bit n is offset start_offset + n.

  static constexpr NameOverride kWireNames[] = {
      {"consumer_group", "c"}, {"topic", "t"},           {"retry", "r"},
      {"start_offset", "so"},  {"queue_id", "q"},        {"revive_queue_id", "rq"},
      {"pop_time", "pt"},      {"invisible_time", "it"}, {"bit_set", "b"}};
};
BOOST_DESCRIBE_STRUCT(BatchAck, (),
                      (consumer_group, topic, retry, start_offset, queue_id, revive_queue_id, pop_time, invisible_time,
                       bit_set))

/// BATCH_ACK_MESSAGE (200151).
struct BatchAckMessageRequestBody {
  std::string broker_name;
  std::vector<BatchAck> acks;
};
BOOST_DESCRIBE_STRUCT(BatchAckMessageRequestBody, (), (broker_name, acks))

}  // namespace ogive::protocol
