#pragma once
// Routes for clients that stay in their own zone when they can.

#include <string_view>

#include "namesrv/route_types.h"

namespace ogive::namesrv {

/// Drops the broker groups of other zones, and with them their queues and filter servers. A group without a master
/// stays: what is left of it must remain readable from everywhere. Zone names are compared without regard to case.
void keep_zone(TopicRoute& route, std::string_view zone);

}  // namespace ogive::namesrv
