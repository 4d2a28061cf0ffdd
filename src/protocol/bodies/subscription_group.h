#pragma once
// JSON bodies. Consumer groups' settings: 200, 201, 225, 345, 352, 353.
// How structs become JSON: protocol/json.h and docs/protocol/json.md.

#include "protocol/bodies/data_version.h"
#include "protocol/bodies/subscription_data.h"

namespace ogive::protocol {

/// Which of the two policies counts.
enum class GroupRetryPolicyType : std::uint8_t { kExponential, kCustomized };
template <>
inline constexpr std::array<std::string_view, 2> kEnumNames<GroupRetryPolicyType> = {"EXPONENTIAL", "CUSTOMIZED"};

/// Delays growing by a factor. Milliseconds.
struct ExponentialRetryPolicy {
  std::int64_t initial = 5000;
  std::int64_t max = 7200000;
  std::int64_t multiplier = 2;

  bool operator==(const ExponentialRetryPolicy&) const = default;
};
BOOST_DESCRIBE_STRUCT(ExponentialRetryPolicy, (), (initial, max, multiplier))

/// Delays by the number of the attempt. Milliseconds.
struct CustomizedRetryPolicy {
  std::vector<std::int64_t> next;

  bool operator==(const CustomizedRetryPolicy&) const = default;
};
BOOST_DESCRIBE_STRUCT(CustomizedRetryPolicy, (), (next))

/// When a failed message comes again.
struct GroupRetryPolicy {
  GroupRetryPolicyType type = GroupRetryPolicyType::kCustomized;
  std::optional<ExponentialRetryPolicy> exponential_retry_policy;
  std::optional<CustomizedRetryPolicy> customized_retry_policy;

  bool operator==(const GroupRetryPolicy&) const = default;
};
BOOST_DESCRIBE_STRUCT(GroupRetryPolicy, (), (type, exponential_retry_policy, customized_retry_policy))

/// A subscription fixed on the server.
struct SimpleSubscriptionData {
  std::string topic;
  std::string expression_type;
  std::string expression;
  std::int64_t version = 0;

  bool operator==(const SimpleSubscriptionData&) const = default;
};
BOOST_DESCRIBE_STRUCT(SimpleSubscriptionData, (), (topic, expression_type, expression, version))

/// One group.
struct SubscriptionGroupConfig {
  std::string group_name;
  bool consume_enable = true;
  bool consume_from_min_enable = true;
  bool consume_broadcast_enable = true;
  bool consume_message_orderly = false;
  std::int32_t retry_queue_nums = 1;
  std::int32_t retry_max_times = 16;
  GroupRetryPolicy group_retry_policy;
  std::int64_t broker_id = 0;
  std::int64_t which_broker_when_consume_slowly = 1;
  bool notify_consumer_ids_changed_enable = true;
  std::int32_t group_sys_flag = 0;
  std::int32_t consume_timeout_minute = 15;
  std::optional<std::vector<SimpleSubscriptionData>> subscription_data_set;
  std::map<std::string, std::string> attributes;

  bool operator==(const SubscriptionGroupConfig&) const = default;
};
BOOST_DESCRIBE_STRUCT(SubscriptionGroupConfig, (),
                      (group_name, consume_enable, consume_from_min_enable, consume_broadcast_enable,
                       consume_message_orderly, retry_queue_nums, retry_max_times, group_retry_policy, broker_id,
                       which_broker_when_consume_slowly, notify_consumer_ids_changed_enable, group_sys_flag,
                       consume_timeout_minute, subscription_data_set, attributes))

/// GET_ALL_SUBSCRIPTIONGROUP_CONFIG (201) and subscriptionGroup.json. Forbidden: group, topic, bits.
struct SubscriptionGroupWrapper {
  std::map<std::string, SubscriptionGroupConfig> subscription_group_table;
  std::map<std::string, std::map<std::string, std::int32_t>> forbidden_table;
  DataVersion data_version;
};
BOOST_DESCRIBE_STRUCT(SubscriptionGroupWrapper, (), (subscription_group_table, forbidden_table, data_version))

/// UPDATE_AND_CREATE_SUBSCRIPTIONGROUP_LIST (225).
struct SubscriptionGroupList {
  std::vector<SubscriptionGroupConfig> group_config_list;
};
BOOST_DESCRIBE_STRUCT(SubscriptionGroupList, (), (group_config_list))

/// UPDATE_AND_GET_GROUP_FORBIDDEN (353).
struct GroupForbidden {
  std::string topic;
  std::string group;
  std::optional<bool> readable;
};
BOOST_DESCRIBE_STRUCT(GroupForbidden, (), (topic, group, readable))

/// QUERY_SUBSCRIPTION_BY_CONSUMER (345).
struct QuerySubscriptionResponseBody {
  std::optional<SubscriptionData> subscription_data;
  std::string group;
  std::string topic;
};
BOOST_DESCRIBE_STRUCT(QuerySubscriptionResponseBody, (), (subscription_data, group, topic))

}  // namespace ogive::protocol
