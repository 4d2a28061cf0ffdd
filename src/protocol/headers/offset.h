#pragma once
// Headers. Consumer and queue offsets: 14, 15, 29 to 32, 222, 303, 308, 314.
// What the fields mean: docs/protocol/headers.md. What a member's type says about its absence: protocol/header.h.

#include "protocol/header.h"

namespace ogive::protocol {

/// QUERY_CONSUMER_OFFSET (14).
struct QueryConsumerOffsetRequestHeader {
  std::string_view consumer_group;
  std::string_view topic;
  std::int32_t queue_id = 0;
  std::optional<bool> set_zero_if_not_found;
};
BOOST_DESCRIBE_STRUCT(QueryConsumerOffsetRequestHeader, (), (consumer_group, topic, queue_id, set_zero_if_not_found))

/// Answer to QUERY_CONSUMER_OFFSET (14).
struct QueryConsumerOffsetResponseHeader {
  std::int64_t offset = 0;
};
BOOST_DESCRIBE_STRUCT(QueryConsumerOffsetResponseHeader, (), (offset))

/// UPDATE_CONSUMER_OFFSET (15).
struct UpdateConsumerOffsetRequestHeader {
  std::string_view consumer_group;
  std::string_view topic;
  std::int32_t queue_id = 0;
  std::int64_t commit_offset = 0;
};
BOOST_DESCRIBE_STRUCT(UpdateConsumerOffsetRequestHeader, (), (consumer_group, topic, queue_id, commit_offset))

/// SEARCH_OFFSET_BY_TIMESTAMP (29). The boundary is LOWER (when missing) or UPPER.
struct SearchOffsetRequestHeader {
  std::string_view topic;
  std::int32_t queue_id = 0;
  std::int64_t timestamp = 0;
  std::optional<std::string_view> boundary_type;
};
BOOST_DESCRIBE_STRUCT(SearchOffsetRequestHeader, (), (topic, queue_id, timestamp, boundary_type))

/// Answer to SEARCH_OFFSET_BY_TIMESTAMP (29).
struct SearchOffsetResponseHeader {
  std::int64_t offset = 0;
};
BOOST_DESCRIBE_STRUCT(SearchOffsetResponseHeader, (), (offset))

/// GET_MAX_OFFSET (30).
struct GetMaxOffsetRequestHeader {
  std::string_view topic;
  std::int32_t queue_id = 0;
  Defaulted<bool, true> committed;
};
BOOST_DESCRIBE_STRUCT(GetMaxOffsetRequestHeader, (), (topic, queue_id, committed))

/// Answer to GET_MAX_OFFSET (30).
struct GetMaxOffsetResponseHeader {
  std::int64_t offset = 0;
};
BOOST_DESCRIBE_STRUCT(GetMaxOffsetResponseHeader, (), (offset))

/// GET_MIN_OFFSET (31).
struct GetMinOffsetRequestHeader {
  std::string_view topic;
  std::int32_t queue_id = 0;
};
BOOST_DESCRIBE_STRUCT(GetMinOffsetRequestHeader, (), (topic, queue_id))

/// Answer to GET_MIN_OFFSET (31).
struct GetMinOffsetResponseHeader {
  std::int64_t offset = 0;
};
BOOST_DESCRIBE_STRUCT(GetMinOffsetResponseHeader, (), (offset))

/// GET_EARLIEST_MSG_STORETIME (32).
struct GetEarliestMsgStoretimeRequestHeader {
  std::string_view topic;
  std::int32_t queue_id = 0;
};
BOOST_DESCRIBE_STRUCT(GetEarliestMsgStoretimeRequestHeader, (), (topic, queue_id))

/// Answer to GET_EARLIEST_MSG_STORETIME (32).
struct GetEarliestMsgStoretimeResponseHeader {
  std::int64_t timestamp = 0;
};
BOOST_DESCRIBE_STRUCT(GetEarliestMsgStoretimeResponseHeader, (), (timestamp))

/// INVOKE_BROKER_TO_RESET_OFFSET (222) and, towards clients, RESET_CONSUMER_CLIENT_OFFSET (220).
struct ResetOffsetRequestHeader {
  std::string_view group;
  std::string_view topic;
  Defaulted<std::int32_t, -1> queue_id;
  std::optional<std::int64_t> offset;
  std::int64_t timestamp = 0;
  bool is_force = false;
};
BOOST_DESCRIBE_STRUCT(ResetOffsetRequestHeader, (), (group, topic, queue_id, offset, timestamp, is_force))

/// QUERY_CONSUME_TIME_SPAN (303).
struct QueryConsumeTimeSpanRequestHeader {
  std::string_view topic;
  std::string_view group;
};
BOOST_DESCRIBE_STRUCT(QueryConsumeTimeSpanRequestHeader, (), (topic, group))

/// QUERY_CORRECTION_OFFSET (308).
struct QueryCorrectionOffsetHeader {
  std::optional<std::string_view> filter_groups;
  std::string_view compare_group;
  std::string_view topic;
};
BOOST_DESCRIBE_STRUCT(QueryCorrectionOffsetHeader, (), (filter_groups, compare_group, topic))

/// CLONE_GROUP_OFFSET (314).
struct CloneGroupOffsetRequestHeader {
  std::string_view src_group;
  std::string_view dest_group;
  std::optional<std::string_view> topic;
  Defaulted<bool> offline;
};
BOOST_DESCRIBE_STRUCT(CloneGroupOffsetRequestHeader, (), (src_group, dest_group, topic, offline))

}  // namespace ogive::protocol
