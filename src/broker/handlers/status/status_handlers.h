#pragma once
// What the broker says of itself as a whole.

#include "remoting/handler_table.h"
#include "store/message_store.h"

namespace ogive::broker::handlers {

struct StatusPorts {
  store::MessageStore& store;
  std::int64_t boot_timestamp_ms = 0;  ///< Wall clock.
};

remoting::HandlerRow get_broker_runtime_info(const StatusPorts& ports);  // 28

}  // namespace ogive::broker::handlers
