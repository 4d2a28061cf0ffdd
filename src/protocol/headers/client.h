#pragma once
// Headers. Clients and groups: 35, 38, 40, 203, 204, 307, 309, 220, 221 and group settings.
// What the fields mean: docs/protocol/headers.md. What a member's type says about its absence: protocol/header.h.

#include "protocol/header.h"

namespace ogive::protocol {

/// UNREGISTER_CLIENT (35).
struct UnregisterClientRequestHeader {
  std::string_view client_id;
  std::optional<std::string_view> producer_group;
  std::optional<std::string_view> consumer_group;

  static constexpr NameOverride kWireNames[] = {{"client_id", "clientID"}};
};
BOOST_DESCRIBE_STRUCT(UnregisterClientRequestHeader, (), (client_id, producer_group, consumer_group))

/// GET_CONSUMER_LIST_BY_GROUP (38).
struct GetConsumerListByGroupRequestHeader {
  std::string_view consumer_group;
};
BOOST_DESCRIBE_STRUCT(GetConsumerListByGroupRequestHeader, (), (consumer_group))

/// NOTIFY_CONSUMER_IDS_CHANGED (40).
struct NotifyConsumerIdsChangedRequestHeader {
  std::string_view consumer_group;
};
BOOST_DESCRIBE_STRUCT(NotifyConsumerIdsChangedRequestHeader, (), (consumer_group))

/// GET_CONSUMER_CONNECTION_LIST (203).
struct GetConsumerConnectionListRequestHeader {
  std::string_view consumer_group;
};
BOOST_DESCRIBE_STRUCT(GetConsumerConnectionListRequestHeader, (), (consumer_group))

/// GET_PRODUCER_CONNECTION_LIST (204).
struct GetProducerConnectionListRequestHeader {
  std::string_view producer_group;
};
BOOST_DESCRIBE_STRUCT(GetProducerConnectionListRequestHeader, (), (producer_group))

/// GET_CONSUMER_RUNNING_INFO (307).
struct GetConsumerRunningInfoRequestHeader {
  std::string_view consumer_group;
  std::string_view client_id;
  Defaulted<bool> jstack_enable;
};
BOOST_DESCRIBE_STRUCT(GetConsumerRunningInfoRequestHeader, (), (consumer_group, client_id, jstack_enable))

/// CONSUME_MESSAGE_DIRECTLY (309).
struct ConsumeMessageDirectlyResultRequestHeader {
  std::string_view consumer_group;
  std::optional<std::string_view> client_id;
  std::optional<std::string_view> msg_id;
  std::optional<std::string_view> broker_name;
  std::optional<std::string_view> topic;
  std::optional<std::int32_t> topic_sys_flag;
  std::optional<std::int32_t> group_sys_flag;
};
BOOST_DESCRIBE_STRUCT(ConsumeMessageDirectlyResultRequestHeader, (),
                      (consumer_group, client_id, msg_id, broker_name, topic, topic_sys_flag, group_sys_flag))

/// INVOKE_BROKER_TO_GET_CONSUMER_STATUS (223) and, towards clients, GET_CONSUMER_STATUS_FROM_CLIENT (221).
struct GetConsumerStatusRequestHeader {
  std::string_view topic;
  std::string_view group;
  std::optional<std::string_view> client_addr;
};
BOOST_DESCRIBE_STRUCT(GetConsumerStatusRequestHeader, (), (topic, group, client_addr))

/// DELETE_SUBSCRIPTIONGROUP (207).
struct DeleteSubscriptionGroupRequestHeader {
  std::string_view group_name;
  Defaulted<bool> clean_offset;
};
BOOST_DESCRIBE_STRUCT(DeleteSubscriptionGroupRequestHeader, (), (group_name, clean_offset))

/// GET_SUBSCRIPTIONGROUP_CONFIG (352).
struct GetSubscriptionGroupConfigRequestHeader {
  std::string_view group;
};
BOOST_DESCRIBE_STRUCT(GetSubscriptionGroupConfigRequestHeader, (), (group))

/// GET_ALL_SUBSCRIPTIONGROUP_CONFIG (201).
struct GetAllSubscriptionGroupRequestHeader {
  std::int32_t group_seq = 0;
  std::optional<std::string_view> data_version;
  std::optional<std::int32_t> max_group_num;
};
BOOST_DESCRIBE_STRUCT(GetAllSubscriptionGroupRequestHeader, (), (group_seq, data_version, max_group_num))

/// Answer to GET_ALL_SUBSCRIPTIONGROUP_CONFIG (201).
struct GetAllSubscriptionGroupResponseHeader {
  std::int32_t total_group_num = 0;
};
BOOST_DESCRIBE_STRUCT(GetAllSubscriptionGroupResponseHeader, (), (total_group_num))

/// UPDATE_AND_GET_GROUP_FORBIDDEN (353).
struct UpdateGroupForbiddenRequestHeader {
  std::string_view group;
  std::string_view topic;
  std::optional<bool> readable;
};
BOOST_DESCRIBE_STRUCT(UpdateGroupForbiddenRequestHeader, (), (group, topic, readable))

}  // namespace ogive::protocol
