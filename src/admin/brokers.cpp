#include "admin/brokers.h"

#include <fmt/core.h>

#include <algorithm>

#include "client/route.h"

namespace ogive::admin {

Result<std::vector<std::string>> cluster_addresses(const protocol::ClusterInfo& info, const std::string& cluster,
                                                   Members members) {
  const auto names = info.cluster_addr_table.find(cluster);
  if (names == info.cluster_addr_table.end()) {
    return fail(Errc::kNotFound,
                fmt::format("no cluster is called '{}' at these name servers; see clusterList", cluster));
  }
  std::vector<std::string> addresses;
  for (const std::string& name : names->second) {
    const auto broker = info.broker_addr_table.find(name);
    if (broker == info.broker_addr_table.end()) continue;
    for (const auto& [id, address] : broker->second.broker_addrs) {
      if (id == 0 || members == Members::kAll) addresses.push_back(address);
    }
  }
  if (addresses.empty()) return fail(Errc::kNotFound, fmt::format("cluster '{}' has no master", cluster));
  return addresses;
}

std::string cluster_of(const protocol::ClusterInfo& info, const std::string& broker_name) {
  for (const auto& [cluster, names] : info.cluster_addr_table) {
    if (names.contains(broker_name)) return cluster;
  }
  return {};
}

Result<std::string> broker_name_at(const protocol::ClusterInfo& info, std::string_view address) {
  for (const auto& [name, broker] : info.broker_addr_table) {
    for (const auto& [id, at] : broker.broker_addrs) {
      if (at == address) return name;
    }
  }
  return fail(Errc::kNotFound, fmt::format("no broker is registered at {}", address));
}

Result<std::vector<std::string>> brokers_by_options(Context& context, Members members) {
  if (const auto address = context.given("b")) return std::vector<std::string>{*address};
  const auto cluster = context.given("c");
  if (!cluster) return fail(Errc::kInvalidArgument, "say which broker (-b address) or cluster (-c name)");
  const auto info = context.cluster.info();
  if (!info) return fail(info.error());
  return cluster_addresses(*info, *cluster, members);
}

Result<std::vector<std::string>> topic_addresses(Cluster& cluster, std::string_view topic) {
  const auto route = cluster.route(topic);
  if (!route) return fail(route.error());
  std::vector<std::string> addresses;
  for (const auto& broker : route->broker_datas) {
    if (auto address = client::master_or_slave_of(broker)) addresses.push_back(std::move(*address));
  }
  if (addresses.empty()) return fail(Errc::kNotFound, fmt::format("no broker of topic '{}' is alive", topic));
  return addresses;
}

}  // namespace ogive::admin
