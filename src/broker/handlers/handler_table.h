#pragma once
// All request codes of a broker, one row each. docs/protocol/broker.md has the same table, made from these rows.

#include "broker/handlers/client/client_handlers.h"
#include "broker/handlers/config/config_handlers.h"
#include "broker/handlers/group/group_handlers.h"
#include "broker/handlers/lock/lock_handlers.h"
#include "broker/handlers/message/message_handlers.h"
#include "broker/handlers/offset/offset_handlers.h"
#include "broker/handlers/progress/progress_handlers.h"
#include "broker/handlers/queue/queue_handlers.h"
#include "broker/handlers/replica/replica_handlers.h"
#include "broker/handlers/reset/reset_handlers.h"
#include "broker/handlers/session/session_handlers.h"
#include "broker/handlers/status/status_handlers.h"
#include "broker/handlers/topic/topic_handlers.h"

namespace ogive::broker::handlers {

/// What the features work with; everything referred to outlives the handler tables.
struct HandlerPorts {
  const ReactorSides& sides;
  SessionPorts session;
  LockPorts lock;
  OffsetPorts offset;
  StartPorts start;
  QueuePorts queue;
  TopicPorts topic;
  GroupPorts group;
  ProgressPorts progress;
  StatusPorts status;
  ClientPorts client;
  ResetPorts reset;
  const DelayService& delay;
  const Replication& replication;
  DeletionPorts deletions;
  const settings::Settings& settings;
  const Clock& clock;
  ConfigFile& config_file;
};

/// Which of the broker's two ports a table is for. The fast one (listenPort - 2) serves everything but pulls.
enum class Port : std::uint8_t { kMain, kFast };

remoting::HandlerTable make_handler_table(const HandlerPorts& ports, Port port);

}  // namespace ogive::broker::handlers
