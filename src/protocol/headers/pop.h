#pragma once
// Headers. Pop consumption: 200050 to 200055.
// What the fields mean: docs/protocol/headers.md. What a member's type says about its absence: protocol/header.h.

#include "protocol/header.h"

namespace ogive::protocol {

/// POP_MESSAGE (200050).
struct PopMessageRequestHeader {
  std::string_view consumer_group;
  std::string_view topic;
  std::int32_t queue_id = 0;
  std::int32_t max_msg_nums = 0;
  std::int64_t invisible_time = 0;
  std::int64_t poll_time = 0;
  std::int64_t born_time = 0;
  std::int32_t init_mode = 0;
  std::optional<std::string_view> exp_type;
  std::optional<std::string_view> exp;
  Defaulted<bool> order;
  std::optional<std::string_view> attempt_id;
};
BOOST_DESCRIBE_STRUCT(PopMessageRequestHeader, (),
                      (consumer_group, topic, queue_id, max_msg_nums, invisible_time, poll_time, born_time, init_mode,
                       exp_type, exp, order, attempt_id))

/// Answer to POP_MESSAGE (200050) and PEEK_MESSAGE (200052).
struct PopMessageResponseHeader {
  std::int64_t pop_time = 0;
  std::int64_t invisible_time = 0;
  std::int32_t revive_qid = 0;
  std::int64_t rest_num = 0;
  std::optional<std::string_view> start_offset_info;
  std::optional<std::string_view> msg_offset_info;
  std::optional<std::string_view> order_count_info;
};
BOOST_DESCRIBE_STRUCT(PopMessageResponseHeader, (),
                      (pop_time, invisible_time, revive_qid, rest_num, start_offset_info, msg_offset_info,
                       order_count_info))

/// PEEK_MESSAGE (200052).
struct PeekMessageRequestHeader {
  std::string_view topic;
  std::int32_t queue_id = 0;
  std::int32_t max_msg_nums = 0;
  std::string_view consumer_group;
};
BOOST_DESCRIBE_STRUCT(PeekMessageRequestHeader, (), (topic, queue_id, max_msg_nums, consumer_group))

/// ACK_MESSAGE (200051).
struct AckMessageRequestHeader {
  std::string_view consumer_group;
  std::string_view topic;
  std::int32_t queue_id = 0;
  std::string_view extra_info;
  std::int64_t offset = 0;
};
BOOST_DESCRIBE_STRUCT(AckMessageRequestHeader, (), (consumer_group, topic, queue_id, extra_info, offset))

/// CHANGE_MESSAGE_INVISIBLETIME (200053).
struct ChangeInvisibleTimeRequestHeader {
  std::string_view consumer_group;
  std::string_view topic;
  std::int32_t queue_id = 0;
  std::string_view extra_info;
  std::int64_t offset = 0;
  std::int64_t invisible_time = 0;
};
BOOST_DESCRIBE_STRUCT(ChangeInvisibleTimeRequestHeader, (),
                      (consumer_group, topic, queue_id, extra_info, offset, invisible_time))

/// Answer to CHANGE_MESSAGE_INVISIBLETIME (200053).
struct ChangeInvisibleTimeResponseHeader {
  std::int64_t pop_time = 0;
  std::int64_t invisible_time = 0;
  std::int32_t revive_qid = 0;
};
BOOST_DESCRIBE_STRUCT(ChangeInvisibleTimeResponseHeader, (), (pop_time, invisible_time, revive_qid))

/// NOTIFICATION (200054).
struct NotificationRequestHeader {
  std::string_view consumer_group;
  std::string_view topic;
  std::int32_t queue_id = 0;
  std::int64_t poll_time = 0;
  std::int64_t born_time = 0;
  Defaulted<bool> order;
  std::optional<std::string_view> attempt_id;
};
BOOST_DESCRIBE_STRUCT(NotificationRequestHeader, (),
                      (consumer_group, topic, queue_id, poll_time, born_time, order, attempt_id))

/// Answer to NOTIFICATION (200054).
struct NotificationResponseHeader {
  bool has_msg = false;
  Defaulted<bool> polling_full;
};
BOOST_DESCRIBE_STRUCT(NotificationResponseHeader, (), (has_msg, polling_full))

/// POLLING_INFO (200055).
struct PollingInfoRequestHeader {
  std::string_view consumer_group;
  std::string_view topic;
  std::int32_t queue_id = 0;
};
BOOST_DESCRIBE_STRUCT(PollingInfoRequestHeader, (), (consumer_group, topic, queue_id))

/// Answer to POLLING_INFO (200055).
struct PollingInfoResponseHeader {
  std::int32_t polling_num = 0;
};
BOOST_DESCRIBE_STRUCT(PollingInfoResponseHeader, (), (polling_num))

}  // namespace ogive::protocol
