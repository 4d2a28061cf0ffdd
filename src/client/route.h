#pragma once
// Reading a topic's route: which queues there are, and who serves them.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/bodies/message_queue.h"
#include "protocol/bodies/route.h"

namespace ogive::client {

/// A queue and the broker that serves it.
struct QueueAt {
  protocol::MessageQueue queue;
  std::string address;
};

/// The queues one may send to, those of one broker together: writable ones of brokers with a master.
std::vector<QueueAt> queues_to_write(const protocol::TopicRouteData& route, std::string_view topic);
/// The queues one may read; a broker without a master serves them from the slave with the smallest id.
std::vector<QueueAt> queues_to_read(const protocol::TopicRouteData& route, std::string_view topic);

/// Where the master of a broker name is.
std::optional<std::string> master_of(const protocol::BrokerData& broker);
/// The master, or the slave with the smallest id.
std::optional<std::string> master_or_slave_of(const protocol::BrokerData& broker);

}  // namespace ogive::client
