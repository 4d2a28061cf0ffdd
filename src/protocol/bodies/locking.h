#pragma once
// JSON bodies. LOCK_BATCH_MQ (41), UNLOCK_BATCH_MQ (42).
// How structs become JSON: protocol/json.h and docs/protocol/json.md.

#include "protocol/bodies/message_queue.h"

namespace ogive::protocol {

/// Queues to lock or unlock.
struct LockBatchRequestBody {
  std::string consumer_group;
  std::string client_id;
  bool only_this_broker = false;
  std::vector<MessageQueue> mq_set;
};
BOOST_DESCRIBE_STRUCT(LockBatchRequestBody, (), (consumer_group, client_id, only_this_broker, mq_set))

/// The queues that are locked now.
struct LockBatchResponseBody {
  std::vector<MessageQueue> lock_ok_mq_set;

  static constexpr NameOverride kWireNames[] = {{"lock_ok_mq_set", "lockOKMQSet"}};
};
BOOST_DESCRIBE_STRUCT(LockBatchResponseBody, (), (lock_ok_mq_set))

}  // namespace ogive::protocol
