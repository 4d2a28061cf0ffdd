#include "admin/outgoing.h"

#include <fmt/core.h>

namespace ogive::admin {

Result<std::vector<client::QueueAt>> writable_queues(Cluster& cluster, std::string_view topic) {
  auto route = cluster.route(topic);
  if (!route && route.error().code() == Errc::kNotFound) {
    auto of_template = cluster.route("TBW102");
    if (!of_template) return fail(std::move(route).error());
    route = std::move(of_template);
    for (auto& queues : route->queue_datas) queues.write_queue_nums = std::min(queues.write_queue_nums, 4);
  }
  if (!route) return fail(std::move(route).error());
  auto queues = client::queues_to_write(*route, topic);
  if (queues.empty()) {
    return fail(Errc::kPermission, fmt::format("topic '{}' has no writable queue on a broker with a master", topic));
  }
  return queues;
}

}  // namespace ogive::admin
