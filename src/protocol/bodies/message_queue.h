#pragma once
// JSON bodies. A queue of a topic, also the key of several tables.
// How structs become JSON: protocol/json.h and docs/protocol/json.md.

#include "protocol/json.h"

namespace ogive::protocol {

/// One queue of one broker.
struct MessageQueue {
  std::string topic;
  std::string broker_name;
  std::int32_t queue_id = 0;

  auto operator<=>(const MessageQueue&) const = default;
};
BOOST_DESCRIBE_STRUCT(MessageQueue, (), (topic, broker_name, queue_id))

}  // namespace ogive::protocol
