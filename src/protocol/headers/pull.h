#pragma once
// Headers. Pulling and looking at messages: 11, 361, 12, 33.
// What the fields mean: docs/protocol/headers.md. What a member's type says about its absence: protocol/header.h.

#include "protocol/header.h"

namespace ogive::protocol {

/// PULL_MESSAGE (11) and LITE_PULL_MESSAGE (361).
struct PullMessageRequestHeader {
  std::string_view consumer_group;
  std::string_view topic;
  std::int32_t queue_id = 0;
  std::int64_t queue_offset = 0;
  std::int32_t max_msg_nums = 0;
  std::int32_t sys_flag = 0;
  std::int64_t commit_offset = 0;
  std::int64_t suspend_timeout_millis = 0;
  std::optional<std::string_view> subscription;
  std::int64_t sub_version = 0;
  std::optional<std::string_view> expression_type;
  std::optional<std::int32_t> max_msg_bytes;
  std::optional<std::int32_t> request_source;
  std::optional<std::string_view> proxy_forward_client_id;

  static constexpr NameOverride kWireNames[] = {{"proxy_forward_client_id", "proxyFrowardClientId"}};
};
BOOST_DESCRIBE_STRUCT(PullMessageRequestHeader, (),
                      (consumer_group, topic, queue_id, queue_offset, max_msg_nums, sys_flag, commit_offset,
                       suspend_timeout_millis, subscription, sub_version, expression_type, max_msg_bytes,
                       request_source, proxy_forward_client_id))

/// Answer to PULL_MESSAGE (11) and LITE_PULL_MESSAGE (361).
struct PullMessageResponseHeader {
  std::int64_t suggest_which_broker_id = 0;
  std::int64_t next_begin_offset = 0;
  std::int64_t min_offset = 0;
  std::int64_t max_offset = 0;
  std::optional<std::int64_t> offset_delta;
  std::optional<std::int32_t> topic_sys_flag;
  std::optional<std::int32_t> group_sys_flag;
  std::optional<std::int32_t> forbidden_type;
};
BOOST_DESCRIBE_STRUCT(PullMessageResponseHeader, (),
                      (suggest_which_broker_id, next_begin_offset, min_offset, max_offset, offset_delta, topic_sys_flag,
                       group_sys_flag, forbidden_type))

/// QUERY_MESSAGE (12).
struct QueryMessageRequestHeader {
  std::string_view topic;
  std::string_view key;
  std::int32_t max_num = 0;
  std::int64_t begin_timestamp = 0;
  std::int64_t end_timestamp = 0;
};
BOOST_DESCRIBE_STRUCT(QueryMessageRequestHeader, (), (topic, key, max_num, begin_timestamp, end_timestamp))

/// Answer to QUERY_MESSAGE (12).
struct QueryMessageResponseHeader {
  std::int64_t index_last_update_timestamp = 0;
  std::int64_t index_last_update_phyoffset = 0;
};
BOOST_DESCRIBE_STRUCT(QueryMessageResponseHeader, (), (index_last_update_timestamp, index_last_update_phyoffset))

/// VIEW_MESSAGE_BY_ID (33).
struct ViewMessageRequestHeader {
  std::optional<std::string_view> topic;
  std::int64_t offset = 0;
};
BOOST_DESCRIBE_STRUCT(ViewMessageRequestHeader, (), (topic, offset))

}  // namespace ogive::protocol
