#pragma once
// What the name server knows of topics and brokers, as plain values. How they travel is the protocol module's affair.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "remoting/channel.h"

namespace ogive::namesrv {

inline constexpr std::int64_t kMasterId = 0;
inline constexpr std::int32_t kPermRead = 4;
inline constexpr std::int32_t kPermWrite = 2;

/// Version of a broker's topic table. Two tables are the same when all three numbers are.
struct DataVersion {
  std::int64_t state_version = 0;  ///< Grows with every change of mastership.
  std::int64_t timestamp = 0;
  std::int64_t counter = 0;
  bool operator==(const DataVersion&) const = default;
};

/// How one broker name hosts one topic.
struct QueueData {
  std::int32_t read_queues = 0;
  std::int32_t write_queues = 0;
  std::int32_t perm = 0;
  std::int32_t topic_sys_flag = 0;
  bool operator==(const QueueData&) const = default;
};

/// Where the logical queues of a static topic are on one broker.
struct QueueMapping {
  std::string topic;
  std::string scope;
  std::string broker_name;
  std::int32_t total_queues = 0;
  std::int64_t epoch = 0;
  bool dirty = false;
  std::map<std::int32_t, std::int32_t> physical_of_logical;
  bool operator==(const QueueMapping&) const = default;
};

/// The brokers of one name: a master (id 0) and its slaves.
struct BrokerGroup {
  std::string name;
  std::string cluster;
  std::map<std::int64_t, std::string> addresses;  ///< By broker id.
  bool enable_acting_master = false;
  std::optional<std::string> zone;
};

/// Identity of one broker process.
struct BrokerKey {
  std::string cluster;
  std::string address;
  bool operator==(const BrokerKey&) const = default;
  template <class H>
  friend H AbslHashValue(H state, const BrokerKey& key) {
    return H::combine(std::move(state), key.cluster, key.address);
  }
};

struct RegisteredTopic {
  std::string name;
  QueueData queues;
};

/// What REGISTER_BROKER says, names already checked.
struct Registration {
  BrokerKey key;
  std::string broker_name;
  std::int64_t broker_id = 0;
  std::string ha_address;
  std::optional<std::string> zone;
  std::optional<std::int64_t> timeout_ms;    ///< Absent: kDefaultBrokerTimeoutMs.
  std::optional<bool> enable_acting_master;  ///< Absent: a broker older than this mode.
  DataVersion version;
  std::vector<RegisteredTopic> topics;
  std::vector<QueueMapping> mappings;
  std::optional<std::vector<std::string>> filter_servers;  ///< Absent: leave what is there.
  remoting::ChannelId channel;
};

/// To be told to `recipients` one-way: the smallest broker id of their group is another one now.
struct MinBrokerNotice {
  std::int64_t min_broker_id = 0;
  std::string min_address;
  std::optional<std::string> offline_address;
  std::optional<std::string> ha_address;
  std::vector<std::string> recipients;
};

struct RegistrationResult {
  enum class Outcome : std::uint8_t {
    kAccepted,
    kOutdated,          ///< The id is held by another address with a newer state version; nothing was taken.
    kSingleTopicFirst,  ///< One topic alone cannot be a broker's first registration.
    kTableFull,
  };
  Outcome outcome = Outcome::kAccepted;
  std::optional<std::string> master_address;  ///< For slaves of a registered master.
  std::optional<std::string> master_ha_address;
  std::optional<MinBrokerNotice> notice;
};

struct Unregistration {
  BrokerKey key;
  std::string broker_name;
  std::int64_t broker_id = 0;
  remoting::ChannelId channel;  ///< Where the request came from.
};

/// Everything a client needs to reach a topic.
struct TopicRoute {
  std::vector<BrokerGroup> groups;
  std::map<std::string, QueueData> queues;                         ///< By broker name.
  std::map<std::string, std::vector<std::string>> filter_servers;  ///< By broker address.
  std::optional<std::string> order_conf;
  std::optional<std::map<std::string, QueueMapping>> mappings;  ///< By broker name; absent for ordinary topics.
};

/// The two spellings of numeric map keys: {0:"…"} for clients before 4.9.4, {"0":"…"} for all others.
enum class JsonFlavour : std::uint8_t { kLegacy, kStandard };

}  // namespace ogive::namesrv
