#pragma once
// How far topics are filled and groups have come.

#include "base/clock.h"
#include "broker/figures/traffic.h"
#include "broker/group/group_table.h"
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
  const Traffic& traffic;
};

remoting::HandlerRow get_topic_stats_info(const ProgressPorts& ports);                          // 202
remoting::HandlerRow get_consume_stats(const ProgressPorts& ports);                             // 208
remoting::HandlerRow query_topic_consume_by_who(const ProgressPorts& ports);                    // 300
remoting::HandlerRow query_consume_time_span(const ProgressPorts& ports, const Clock& clock);   // 303
remoting::HandlerRow clone_group_offset(const ProgressPorts& ports);                            // 314
remoting::HandlerRow get_broker_consume_stats(const ProgressPorts& ports, GroupTable& groups);  // 317
remoting::HandlerRow query_topics_by_consumer(const ProgressPorts& ports);                      // 343
remoting::HandlerRow query_subscription_by_consumer(const ProgressPorts& ports);                // 345

}  // namespace ogive::broker::handlers
