#pragma once
// Finding brokers: of a cluster, of a name, of a topic.

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "admin/command.h"
#include "protocol/bodies/route.h"

namespace ogive::admin {

enum class Members : std::uint8_t { kMasters, kAll };

/// Addresses of a cluster's brokers; kNotFound when there is no such cluster or none of the members asked for.
Result<std::vector<std::string>> cluster_addresses(const protocol::ClusterInfo& info, const std::string& cluster,
                                                   Members members);
/// The cluster a broker name belongs to, "" when none.
std::string cluster_of(const protocol::ClusterInfo& info, const std::string& broker_name);
/// The name of the broker at `address`; kNotFound when none is registered there.
Result<std::string> broker_name_at(const protocol::ClusterInfo& info, std::string_view address);

/// The broker given by -b, or those of the cluster given by -c; kInvalidArgument when neither was given.
Result<std::vector<std::string>> brokers_by_options(Context& context, Members members);

/// Where the topic's brokers answer: the master of each name, or a slave where there is no master; kNotFound when none
/// does.
Result<std::vector<std::string>> topic_addresses(Cluster& cluster, std::string_view topic);

inline std::string retry_topic_of(std::string_view group) {
  return "%RETRY%" + std::string(group);
}

}  // namespace ogive::admin
