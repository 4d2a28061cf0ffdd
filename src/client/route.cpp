#include "client/route.h"

#include <map>

namespace ogive::client {
namespace {

constexpr std::int32_t kReadable = 4;
constexpr std::int32_t kWritable = 2;

}  // namespace

std::optional<std::string> master_of(const protocol::BrokerData& broker) {
  const auto master = broker.broker_addrs.find(0);
  if (master == broker.broker_addrs.end()) return std::nullopt;
  return master->second;
}

std::optional<std::string> master_or_slave_of(const protocol::BrokerData& broker) {
  if (broker.broker_addrs.empty()) return std::nullopt;
  return broker.broker_addrs.begin()->second;  // Sorted by id; the master has 0.
}

namespace {

template <class Address>
std::vector<QueueAt> queues(const protocol::TopicRouteData& route, std::string_view topic, std::int32_t permission,
                            std::int32_t protocol::QueueData::* count, Address address_of) {
  std::map<std::string, std::string, std::less<>> addresses;
  for (const auto& broker : route.broker_datas) {
    if (auto address = address_of(broker)) addresses.emplace(broker.broker_name, std::move(*address));
  }
  std::vector<QueueAt> found;
  for (const auto& data : route.queue_datas) {
    const auto address = addresses.find(data.broker_name);
    if ((data.perm & permission) == 0 || address == addresses.end()) continue;
    for (std::int32_t id = 0; id < data.*count; ++id) {
      found.push_back({{std::string(topic), data.broker_name, id}, address->second});
    }
  }
  return found;
}

}  // namespace

std::vector<QueueAt> queues_to_write(const protocol::TopicRouteData& route, std::string_view topic) {
  return queues(route, topic, kWritable, &protocol::QueueData::write_queue_nums, master_of);
}

std::vector<QueueAt> queues_to_read(const protocol::TopicRouteData& route, std::string_view topic) {
  return queues(route, topic, kReadable, &protocol::QueueData::read_queue_nums, master_or_slave_of);
}

}  // namespace ogive::client
