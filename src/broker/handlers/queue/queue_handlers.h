#pragma once
// Bounds and times of queues, and messages by their place.

#include "remoting/handler_table.h"
#include "store/message_store.h"

namespace ogive::broker::handlers {

struct QueuePorts {
  store::MessageStore& store;
};

remoting::HandlerRow search_offset_by_timestamp(const QueuePorts& ports);  // 29
remoting::HandlerRow get_max_offset(const QueuePorts& ports);              // 30
remoting::HandlerRow get_min_offset(const QueuePorts& ports);              // 31
remoting::HandlerRow get_earliest_msg_storetime(const QueuePorts& ports);  // 32
remoting::HandlerRow view_message_by_id(const QueuePorts& ports);          // 33

}  // namespace ogive::broker::handlers
