#include "admin/groups.h"

#include <fmt/core.h>

#include "admin/brokers.h"
#include "admin/text.h"
#include "protocol/codes.h"
#include "protocol/headers/admin.h"
#include "protocol/headers/client.h"
#include "protocol/headers/offset.h"

namespace ogive::admin {

namespace code = protocol::request_code;
using client::make_request;

namespace {

constexpr Milliseconds kScanTimeout{15'000};  ///< A broker looks at every queue of the group.

template <class T>
std::string or_null(const std::optional<T>& value, std::string (*text)(const T&)) {
  return value ? text(*value) : "null";
}

std::string exponential_text(const protocol::ExponentialRetryPolicy& policy) {
  return fmt::format("ExponentialRetryPolicy{{initial={}, max={}, multiplier={}}}", policy.initial, policy.max,
                     policy.multiplier);
}

std::string customized_text(const protocol::CustomizedRetryPolicy& policy) {
  std::string delays;
  for (const std::int64_t delay : policy.next) delays += fmt::format("{}{}", delays.empty() ? "" : ", ", delay);
  return fmt::format("CustomizedRetryPolicy{{next=[{}]}}", delays);
}

GroupRefusal refused(Error error) {
  return GroupRefusal{0, error.message(), std::move(error)};
}

}  // namespace

GroupResult<protocol::ConsumerConnection> consumer_connections(Cluster& cluster, std::string_view group,
                                                               std::string_view address) {
  std::string asked(address);
  if (asked.empty()) {
    auto addresses = topic_addresses(cluster, retry_topic_of(group));
    if (!addresses) return std::unexpected(refused(std::move(addresses).error()));
    asked = std::move(addresses->front());
  }
  auto reply = cluster.call(
      asked, make_request(code::kGetConsumerConnectionList, protocol::GetConsumerConnectionListRequestHeader{group}));
  if (!reply) return std::unexpected(refused(std::move(reply).error()));
  if (!reply->ok()) return std::unexpected(GroupRefusal{reply->code, reply->remark, reply->refusal()});
  auto connection = reply->json<protocol::ConsumerConnection>();
  if (!connection) return std::unexpected(refused(std::move(connection).error()));
  return std::move(*connection);
}

Result<protocol::ConsumeStats> consume_stats(Cluster& cluster, std::string_view group, std::string_view topic) {
  auto addresses = topic_addresses(cluster, retry_topic_of(group));
  if (!addresses && !topic.empty()) addresses = topic_addresses(cluster, topic);
  if (!addresses) return fail(std::move(addresses).error());
  protocol::GetConsumeStatsRequestHeader header;
  header.consumer_group = group;
  if (!topic.empty()) header.topic = topic;
  protocol::ConsumeStats all;
  for (const std::string& address : *addresses) {
    auto stats =
        cluster.ask_json<protocol::ConsumeStats>(address, make_request(code::kGetConsumeStats, header), kScanTimeout);
    if (!stats) return fail(std::move(stats).error());
    all.offset_table.merge(stats->offset_table);
    all.consume_tps += stats->consume_tps;
  }
  if (!all.offset_table.empty()) return all;
  const auto connection = consumer_connections(cluster, group);
  if (!connection || connection->message_model != protocol::MessageModel::kBroadcasting) {
    return fail(Errc::kNotFound, fmt::format("CODE: 206  DESC: group {} has consumed nothing here; maybe no consumer "
                                             "of it was ever online",
                                             group));
  }
  return fail(
      Errc::kNotFound,
      fmt::format("CODE: 213  DESC: group {} consumes by broadcasting; its progress is with its clients", group));
}

std::string retry_policy_text(const protocol::GroupRetryPolicy& policy) {
  return fmt::format("GroupRetryPolicy{{type={}, exponentialRetryPolicy={}, customizedRetryPolicy={}}}",
                     protocol::enum_name(policy.type), or_null(policy.exponential_retry_policy, exponential_text),
                     or_null(policy.customized_retry_policy, customized_text));
}

std::string group_config_text(const protocol::SubscriptionGroupConfig& config) {
  return fmt::format(
      "SubscriptionGroupConfig{{groupName={}, consumeEnable={}, consumeFromMinEnable={}, consumeBroadcastEnable={}, "
      "consumeMessageOrderly={}, retryQueueNums={}, retryMaxTimes={}, groupRetryPolicy={}, brokerId={}, "
      "whichBrokerWhenConsumeSlowly={}, notifyConsumerIdsChangedEnable={}, groupSysFlag={}, consumeTimeoutMinute={}, "
      "subscriptionDataSet={}, attributes={}}}",
      config.group_name, config.consume_enable, config.consume_from_min_enable, config.consume_broadcast_enable,
      config.consume_message_orderly, config.retry_queue_nums, config.retry_max_times,
      retry_policy_text(config.group_retry_policy), config.broker_id, config.which_broker_when_consume_slowly,
      config.notify_consumer_ids_changed_enable, config.group_sys_flag, config.consume_timeout_minute,
      config.subscription_data_set ? protocol::to_json(*config.subscription_data_set) : "null",
      map_text(config.attributes));
}

Status set_offset(Cluster& cluster, std::string_view address, std::string_view group,
                  const protocol::MessageQueue& queue, std::int64_t offset) {
  protocol::UpdateConsumerOffsetRequestHeader header;
  header.consumer_group = group;
  header.topic = queue.topic;
  header.queue_id = queue.queue_id;
  header.commit_offset = offset;
  OGIVE_TRY(cluster.ask(address, make_request(code::kUpdateConsumerOffset, header)));
  return {};
}

}  // namespace ogive::admin
