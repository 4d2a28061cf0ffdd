#pragma once
// Headers. Storing and recalling messages: 10, 310, 320, 324, 325, 326, 36, 370.
// What the fields mean: docs/protocol/headers.md. What a member's type says about its absence: protocol/header.h.

#include "protocol/header.h"

namespace ogive::protocol {

/// SEND_MESSAGE (10), SEND_MESSAGE_V2 (310), SEND_BATCH_MESSAGE (320), SEND_REPLY_MESSAGE (324),
/// SEND_REPLY_MESSAGE_V2 (325). 310, 320 and 325 name their fields with single letters: read with decode_send_header,
/// written with encode_send_header_v2.
struct SendMessageRequestHeader {
  std::string_view producer_group;
  std::string_view topic;
  std::string_view default_topic;
  std::int32_t default_topic_queue_nums = 0;
  std::int32_t queue_id = 0;
  std::int32_t sys_flag = 0;
  std::int64_t born_timestamp = 0;
  std::int32_t flag = 0;
  std::optional<std::string_view> properties;
  std::optional<std::int32_t> reconsume_times;
  std::optional<bool> unit_mode;
  std::optional<bool> batch;
  std::optional<std::int32_t> max_reconsume_times;
  std::optional<std::string_view> broker_name;

  static constexpr NameOverride kWireNames[] = {{"broker_name", "bname"}};
};
BOOST_DESCRIBE_STRUCT(SendMessageRequestHeader, (),
                      (producer_group, topic, default_topic, default_topic_queue_nums, queue_id, sys_flag,
                       born_timestamp, flag, properties, reconsume_times, unit_mode, batch, max_reconsume_times,
                       broker_name))

/// Whether a send request of this code names its fields with single letters.
bool has_short_send_fields(std::int32_t code);
/// Reads the header of any code listed above, in the form that goes with frame.code; errors as decode_header.
Result<SendMessageRequestHeader> decode_send_header(const Frame& frame);
/// Writes the single-letter form (310, 320, 325). The long form is written with encode_header.
void encode_send_header_v2(const SendMessageRequestHeader& header, FrameWriter& writer);

/// Answer to every code of SendMessageRequestHeader.
struct SendMessageResponseHeader {
  std::string_view msg_id;
  std::int32_t queue_id = 0;
  std::int64_t queue_offset = 0;
  std::optional<std::string_view> transaction_id;
  std::optional<std::string_view> batch_uniq_id;
  std::optional<std::string_view> recall_handle;
};
BOOST_DESCRIBE_STRUCT(SendMessageResponseHeader, (),
                      (msg_id, queue_id, queue_offset, transaction_id, batch_uniq_id, recall_handle))

/// PUSH_REPLY_MESSAGE_TO_CLIENT (326).
struct ReplyMessageRequestHeader {
  std::string_view producer_group;
  std::string_view topic;
  std::string_view default_topic;
  std::int32_t default_topic_queue_nums = 0;
  std::int32_t queue_id = 0;
  std::int32_t sys_flag = 0;
  std::int64_t born_timestamp = 0;
  std::int32_t flag = 0;
  std::optional<std::string_view> properties;
  std::optional<std::int32_t> reconsume_times;
  Defaulted<bool> unit_mode;
  std::string_view born_host;
  std::string_view store_host;
  std::int64_t store_timestamp = 0;
};
BOOST_DESCRIBE_STRUCT(ReplyMessageRequestHeader, (),
                      (producer_group, topic, default_topic, default_topic_queue_nums, queue_id, sys_flag,
                       born_timestamp, flag, properties, reconsume_times, unit_mode, born_host, store_host,
                       store_timestamp))

/// CONSUMER_SEND_MSG_BACK (36).
struct ConsumerSendMsgBackRequestHeader {
  std::int64_t offset = 0;
  std::string_view group;
  std::int32_t delay_level = 0;
  std::optional<std::string_view> origin_msg_id;
  std::optional<std::string_view> origin_topic;
  Defaulted<bool> unit_mode;
  std::optional<std::int32_t> max_reconsume_times;
};
BOOST_DESCRIBE_STRUCT(ConsumerSendMsgBackRequestHeader, (),
                      (offset, group, delay_level, origin_msg_id, origin_topic, unit_mode, max_reconsume_times))

/// RECALL_MESSAGE (370).
struct RecallMessageRequestHeader {
  std::optional<std::string_view> producer_group;
  std::string_view topic;
  std::string_view recall_handle;
};
BOOST_DESCRIBE_STRUCT(RecallMessageRequestHeader, (), (producer_group, topic, recall_handle))

/// Answer to RECALL_MESSAGE (370).
struct RecallMessageResponseHeader {
  std::string_view msg_id;
};
BOOST_DESCRIBE_STRUCT(RecallMessageResponseHeader, (), (msg_id))

}  // namespace ogive::protocol
