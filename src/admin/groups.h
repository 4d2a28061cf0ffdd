#pragma once
// What several subcommands ask about consumer groups.

#include <optional>
#include <string>
#include <string_view>

#include "admin/cluster.h"
#include "protocol/bodies/connections.h"
#include "protocol/bodies/offsets.h"
#include "protocol/bodies/subscription_group.h"

namespace ogive::admin {

/// Why a group cannot be shown, as values to branch on.
struct GroupRefusal {
  std::int32_t code = 0;  ///< The broker's response code; 0 when it was not a refusal.
  std::string remark;
  Error error;
};
template <class T>
using GroupResult = std::expected<T, GroupRefusal>;

/// Who consumes (203), asked of `address`, or of the first broker of the group's retry topic when it is empty.
GroupResult<protocol::ConsumerConnection> consumer_connections(Cluster& cluster, std::string_view group,
                                                               std::string_view address = {});
/// How far the group is on all brokers of its retry topic, or of `topic` (208); `topic` empty: all topics. kNotFound
/// when the group has consumed nothing.
Result<protocol::ConsumeStats> consume_stats(Cluster& cluster, std::string_view group, std::string_view topic = {});

/// As the original prints a group's settings.
std::string group_config_text(const protocol::SubscriptionGroupConfig& config);
std::string retry_policy_text(const protocol::GroupRetryPolicy& policy);

/// Sets one queue's progress (15).
Status set_offset(Cluster& cluster, std::string_view address, std::string_view group,
                  const protocol::MessageQueue& queue, std::int64_t offset);

}  // namespace ogive::admin
