#pragma once
// What is asked of a broker as a member of its replica group.

#include "broker/cluster/replication.h"
#include "remoting/handler_table.h"

namespace ogive::broker::handlers {

remoting::HandlerRow get_broker_ha_status(const Replication& replication);  // 907

}  // namespace ogive::broker::handlers
