#pragma once
// How far topics are filled and groups have come.

#include "broker/identity.h"
#include "broker/offset/offset_table.h"
#include "broker/session/consumer_registry.h"
#include "broker/topic/topic_table.h"
#include "remoting/handler_table.h"
#include "store/message_store.h"

namespace ogive::broker::handlers {

struct ProgressPorts {
  TopicTable& topics;
  ConsumerRegistry& consumers;
  OffsetTable& offsets;
  store::MessageStore& store;
  const BrokerIdentity& identity;
};

remoting::HandlerRow get_topic_stats_info(const ProgressPorts& ports);        // 202
remoting::HandlerRow get_consume_stats(const ProgressPorts& ports);           // 208
remoting::HandlerRow query_topic_consume_by_who(const ProgressPorts& ports);  // 300

}  // namespace ogive::broker::handlers
