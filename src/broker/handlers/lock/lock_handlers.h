#pragma once
// Locks of queues that are consumed in order.

#include "broker/session/queue_locks.h"
#include "remoting/handler_table.h"

namespace ogive::broker::handlers {

struct LockPorts {
  QueueLocks& locks;
};

remoting::HandlerRow lock_batch_mq(const LockPorts& ports);    // 41
remoting::HandlerRow unlock_batch_mq(const LockPorts& ports);  // 42

}  // namespace ogive::broker::handlers
