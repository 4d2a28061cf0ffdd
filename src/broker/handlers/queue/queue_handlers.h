#pragma once
// Bounds and times of queues, and messages by their place.

#include "broker/cluster/topic_removal.h"
#include "broker/session/consumer_registry.h"
#include "broker/topic/topic_table.h"
#include "remoting/handler_table.h"
#include "store/message_store.h"

namespace ogive::broker::handlers {

struct QueuePorts {
  store::MessageStore& store;
  TopicTable& topics;
  ConsumerRegistry& consumers;
  TopicRemoval& removal;
};

remoting::HandlerRow query_message(const QueuePorts& ports);               // 12
remoting::HandlerRow search_offset_by_timestamp(const QueuePorts& ports);  // 29
remoting::HandlerRow get_max_offset(const QueuePorts& ports);              // 30
remoting::HandlerRow get_min_offset(const QueuePorts& ports);              // 31
remoting::HandlerRow get_earliest_msg_storetime(const QueuePorts& ports);  // 32
remoting::HandlerRow view_message_by_id(const QueuePorts& ports);          // 33
remoting::HandlerRow clean_expired_consumequeue(const QueuePorts& ports);  // 306
remoting::HandlerRow clean_unused_topic(const QueuePorts& ports);          // 316
remoting::HandlerRow query_consume_queue(const QueuePorts& ports);         // 321
remoting::HandlerRow delete_expired_commitlog(const QueuePorts& ports);    // 329

}  // namespace ogive::broker::handlers
