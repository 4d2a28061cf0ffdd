#include "namesrv/zone_filter.h"

#include <absl/strings/match.h>

namespace ogive::namesrv {

void keep_zone(TopicRoute& route, std::string_view zone) {
  std::erase_if(route.groups, [&](const BrokerGroup& group) {
    const bool same_zone =
        group.zone && absl::EqualsIgnoreCase(*group.zone, absl::string_view(zone.data(), zone.size()));
    if (same_zone || !group.addresses.contains(kMasterId)) return false;
    route.queues.erase(group.name);
    for (const auto& [id, address] : group.addresses) route.filter_servers.erase(address);
    return true;
  });
}

}  // namespace ogive::namesrv
