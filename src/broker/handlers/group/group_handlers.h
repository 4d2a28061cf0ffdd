#pragma once
// Subscription groups: created, changed, dropped, listed.

#include "broker/cluster/deletions.h"
#include "broker/group/group_table.h"
#include "broker/offset/offset_table.h"
#include "remoting/handler_table.h"

namespace ogive::broker::handlers {

struct GroupPorts {
  GroupTable& groups;
  OffsetTable& offsets;
  Deletions& deletions;
};

remoting::HandlerRow update_and_create_subscriptiongroup(const GroupPorts& ports);       // 200
remoting::HandlerRow get_all_subscriptiongroup_config(const GroupPorts& ports);          // 201
remoting::HandlerRow delete_subscriptiongroup(const GroupPorts& ports);                  // 207
remoting::HandlerRow get_subscriptiongroup_config(const GroupPorts& ports);              // 352
remoting::HandlerRow update_and_create_subscriptiongroup_list(const GroupPorts& ports);  // 225
remoting::HandlerRow update_and_get_group_forbidden(const GroupPorts& ports);            // 353

}  // namespace ogive::broker::handlers
