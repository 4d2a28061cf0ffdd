#pragma once
// What groups have committed.

#include "broker/delay/delay_service.h"
#include "broker/group/group_table.h"
#include "broker/offset/offset_table.h"
#include "broker/topic/topic_table.h"
#include "remoting/handler_table.h"
#include "store/message_store.h"

namespace ogive::broker::handlers {

struct OffsetPorts {
  TopicTable& topics;
  GroupTable& groups;
  OffsetTable& offsets;
  store::MessageStore& store;
};

remoting::HandlerRow query_consumer_offset(const OffsetPorts& ports);   // 14
remoting::HandlerRow update_consumer_offset(const OffsetPorts& ports);  // 15
remoting::HandlerRow get_all_delay_offset(const DelayService& delay);   // 45

}  // namespace ogive::broker::handlers
