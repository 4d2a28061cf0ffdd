#pragma once
// What groups have committed.

#include "base/settings/settings.h"
#include "broker/delay/delay_service.h"
#include "broker/group/group_table.h"
#include "broker/offset/offset_table.h"
#include "broker/topic/topic_table.h"
#include "io/task_pool.h"
#include "remoting/handler_table.h"
#include "remoting/server.h"
#include "store/message_store.h"

namespace ogive::broker::handlers {

struct OffsetPorts {
  TopicTable& topics;
  GroupTable& groups;
  OffsetTable& offsets;
  store::MessageStore& store;
};

/// Where a group begins.
struct StartPorts {
  OffsetTable& offsets;
  store::MessageStore& store;
  io::TaskPool& blocking;
  remoting::Server& server;
  const settings::Settings& settings;
  std::int64_t memory_bytes = 0;  ///< Of the machine.
};

remoting::HandlerRow query_consumer_offset(const StartPorts& ports);     // 14
remoting::HandlerRow update_consumer_offset(const OffsetPorts& ports);   // 15
remoting::HandlerRow get_all_consumer_offset(const OffsetPorts& ports);  // 43
remoting::HandlerRow query_correction_offset(const OffsetPorts& ports);  // 308
remoting::HandlerRow get_all_delay_offset(const DelayService& delay);    // 45

}  // namespace ogive::broker::handlers
