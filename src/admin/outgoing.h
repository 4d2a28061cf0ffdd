#pragma once
// Where a message of the command line goes.

#include <string_view>

#include "admin/cluster.h"
#include "client/route.h"

namespace ogive::admin {

/// The queues one may send to. A topic that does not exist yet gets those of the template topic, on brokers that create
/// topics by themselves.
Result<std::vector<client::QueueAt>> writable_queues(Cluster& cluster, std::string_view topic);

}  // namespace ogive::admin
