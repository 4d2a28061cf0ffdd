#pragma once
// Route tables as the JSON that clients read. Format: docs/protocol/name-server.md.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "namesrv/route_types.h"

namespace ogive::namesrv {

/// GET_ROUTEINFO_BY_TOPIC.
std::string encode_route(const TopicRoute& route, JsonFlavour flavour);
/// GET_BROKER_CLUSTER_INFO; numeric keys are never quoted here.
std::string encode_cluster_info(const std::map<std::string, BrokerGroup>& groups,
                                const std::map<std::string, std::set<std::string>>& clusters);
/// The topic lists; `broker_address` only where a broker is named with them.
std::string encode_topic_list(const std::vector<std::string>& topics,
                              const std::optional<std::string>& broker_address = std::nullopt);
/// GET_BROKER_MEMBER_GROUP.
std::string encode_member_group(const std::string& cluster, const std::string& broker_name,
                                const std::map<std::int64_t, std::string>& addresses);

}  // namespace ogive::namesrv
