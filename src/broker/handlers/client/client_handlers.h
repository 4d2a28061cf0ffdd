#pragma once
// Questions that only an online consumer can answer.

#include "broker/group/group_table.h"
#include "broker/identity.h"
#include "broker/session/client_calls.h"
#include "broker/topic/topic_table.h"
#include "io/task_pool.h"
#include "remoting/handler_table.h"
#include "store/message_store.h"

namespace ogive::broker::handlers {

struct ClientPorts {
  ClientCalls& calls;
  TopicTable& topics;
  GroupTable& groups;
  store::MessageStore& store;
  io::TaskPool& blocking;
  const BrokerIdentity& identity;
};

remoting::HandlerRow invoke_broker_to_get_consumer_status(const ClientPorts& ports);  // 223
remoting::HandlerRow get_consumer_running_info(const ClientPorts& ports);             // 307
remoting::HandlerRow consume_message_directly(const ClientPorts& ports);              // 309

}  // namespace ogive::broker::handlers
