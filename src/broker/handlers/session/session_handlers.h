#pragma once
// Requests about connected clients: who they are, and what tools ask of them.

#include "broker/group/group_table.h"
#include "broker/session/consumer_registry.h"
#include "broker/session/producer_registry.h"
#include "broker/session/session_expiry.h"
#include "broker/topic/topic_table.h"
#include "remoting/handler_table.h"

namespace ogive::broker::handlers {

struct SessionPorts {
  TopicTable& topics;
  GroupTable& groups;
  ConsumerRegistry& consumers;
  ProducerRegistry& producers;
  SessionExpiry& expiry;
};

remoting::HandlerRow heart_beat(const SessionPorts& ports);                    // 34
remoting::HandlerRow unregister_client(const SessionPorts& ports);             // 35
remoting::HandlerRow get_consumer_list_by_group(const SessionPorts& ports);    // 38
remoting::HandlerRow check_client_config();                                    // 46
remoting::HandlerRow get_consumer_connection_list(const SessionPorts& ports);  // 203
remoting::HandlerRow get_producer_connection_list(const SessionPorts& ports);  // 204
remoting::HandlerRow get_all_producer_info(const SessionPorts& ports);         // 328

}  // namespace ogive::broker::handlers
