#pragma once
// What is asked of a broker as a member of its replica group.

#include "broker/cluster/deletions.h"
#include "broker/cluster/replication.h"
#include "broker/group/group_table.h"
#include "broker/topic/topic_table.h"
#include "remoting/handler_table.h"

namespace ogive::broker::handlers {

struct DeletionPorts {
  const Deletions& deletions;
  const TopicTable& topics;
  const GroupTable& groups;
};

remoting::HandlerRow get_broker_ha_status(const Replication& replication);  // 907
remoting::HandlerRow get_deletions(const DeletionPorts& ports);             // 20295, of slaves of Ogive

}  // namespace ogive::broker::handlers
