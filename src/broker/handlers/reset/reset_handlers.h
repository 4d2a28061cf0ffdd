#pragma once
// Offsets that an operator moves.

#include "base/settings/settings.h"
#include "broker/group/group_table.h"
#include "broker/identity.h"
#include "broker/offset/offset_reset.h"
#include "broker/session/client_calls.h"
#include "broker/topic/topic_table.h"
#include "remoting/handler_table.h"

namespace ogive::broker::handlers {

struct ResetPorts {
  TopicTable& topics;
  GroupTable& groups;
  OffsetReset& reset;
  ClientCalls& calls;
  const BrokerIdentity& identity;
  const settings::Settings& settings;
};

remoting::HandlerRow invoke_broker_to_reset_offset(const ResetPorts& ports);  // 222

}  // namespace ogive::broker::handlers
