#pragma once
// What several subcommands ask about topics.

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "admin/cluster.h"
#include "protocol/bodies/offsets.h"
#include "protocol/bodies/topic_config.h"

namespace ogive::admin {

/// Every topic of the name server (206), in the original's order.
Result<std::vector<std::string>> all_topics(Cluster& cluster);
/// The groups that have offsets or consumers in a topic (300), asked of the first broker that has it.
Result<std::set<std::string>> groups_of_topic(Cluster& cluster, std::string_view topic);
/// Bounds of the topic's queues on all brokers (202).
Result<protocol::TopicStatsTable> topic_stats(Cluster& cluster, std::string_view topic);
/// Creates or changes a topic on one broker (17).
Status create_topic(Cluster& cluster, std::string_view address, const protocol::TopicConfig& config);
/// As the original prints it.
std::string topic_config_text(const protocol::TopicConfig& config);

/// Removes the topic from every master of a cluster and from every name server (215, 216).
Status remove_from_brokers(Cluster& cluster, const std::vector<std::string>& addresses, std::string_view topic);
Status remove_from_name_servers(Cluster& cluster, std::string_view cluster_name, std::string_view topic);

/// Puts the order of a topic's queues ("broker-a:8;broker-b:8") into the name servers' KV table.
Status put_order(Cluster& cluster, std::string_view topic, std::string_view order);
/// The order now there; kNotFound when none is.
Result<std::string> get_order(Cluster& cluster, std::string_view topic);
inline constexpr std::string_view kOrderNamespace = "ORDER_TOPIC_CONFIG";

}  // namespace ogive::admin
