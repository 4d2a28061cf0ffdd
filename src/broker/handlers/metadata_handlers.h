#pragma once
// The rows of everything that is not a message path: client sessions, offsets, topics, groups, figures.

#include <functional>
#include <string>

#include "base/settings/settings.h"
#include "broker/group/group_table.h"
#include "broker/identity.h"
#include "broker/offset/offset_table.h"
#include "broker/session/consumer_registry.h"
#include "broker/session/producer_registry.h"
#include "broker/session/queue_locks.h"
#include "broker/session/session_expiry.h"
#include "broker/topic/topic_table.h"
#include "remoting/handler_table.h"
#include "store/message_store.h"

namespace ogive::broker {

/// HEART_BEAT, UNREGISTER_CLIENT, GET_CONSUMER_LIST_BY_GROUP, CHECK_CLIENT_CONFIG, LOCK_BATCH_MQ, UNLOCK_BATCH_MQ.
struct ClientPorts {
  TopicTable& topics;
  GroupTable& groups;
  ConsumerRegistry& consumers;
  ProducerRegistry& producers;
  SessionExpiry& expiry;
  QueueLocks& locks;
};
void add_client_handlers(remoting::HandlerTable& table, const ClientPorts& ports);

/// QUERY and UPDATE_CONSUMER_OFFSET, bounds and times of queues, VIEW_MESSAGE_BY_ID.
struct OffsetPorts {
  TopicTable& topics;
  GroupTable& groups;
  OffsetTable& offsets;
  store::MessageStore& store;
};
void add_offset_handlers(remoting::HandlerTable& table, const OffsetPorts& ports);

/// Creating, changing, deleting and listing topics and subscription groups.
struct TablePorts {
  TopicTable& topics;
  GroupTable& groups;
  OffsetTable& offsets;
  store::MessageStore& store;
};
void add_table_handlers(remoting::HandlerTable& table, const TablePorts& ports);

/// What tools ask: figures of topics and groups, connections, configuration, run-time information.
struct FigurePorts {
  TopicTable& topics;
  OffsetTable& offsets;
  ConsumerRegistry& consumers;
  ProducerRegistry& producers;
  store::MessageStore& store;
  const BrokerIdentity& identity;
  std::int64_t boot_timestamp_ms = 0;
};
void add_figure_handlers(remoting::HandlerTable& table, const FigurePorts& ports);

/// GET_BROKER_CONFIG, UPDATE_BROKER_CONFIG, GET_ALL_DELAY_OFFSET.
void add_config_handlers(remoting::HandlerTable& table, settings::Settings& settings,
                         std::function<std::string()> encode_delay_offsets);

}  // namespace ogive::broker
