#pragma once
// Who serves which topic: the name server's state and its rules. Pure: no sockets, no clocks, no threads of its own.
// Rules: docs/protocol/name-server.md.

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/string_map.h"
#include "namesrv/route_types.h"

namespace ogive::namesrv {

inline constexpr std::int64_t kDefaultBrokerTimeoutMs = 120'000;

/// Settings that change what the table answers; may change at run time.
struct RouteOptions {
  bool support_acting_master = false;
  bool notify_min_broker_id_changed = false;
  bool delete_topic_with_registration = false;
  bool attach_order_conf = false;
};

struct RouteLimits {
  std::size_t max_topics = 1'000'000;
  std::size_t max_brokers = 100'000;  ///< Registered processes.
};

/// Thread-safe: look-ups share, changes exclude. Times are monotonic milliseconds supplied by the caller.
class RouteTable {
 public:
  /// Order configuration of a topic, asked while a route is built. Must not call back into the table.
  using OrderConf = std::function<std::optional<std::string>(const std::string& topic)>;

  explicit RouteTable(RouteOptions options, OrderConf order_conf = nullptr, RouteLimits limits = {});

  void set_options(RouteOptions options);
  /// Forgets encoded routes: something outside the table that they contain has changed.
  void invalidate();

  RegistrationResult register_broker(const Registration& registration, std::int64_t now_ms);

  /// Removes brokers as they ask for it. A request that came over a connection which a later registration of the same
  /// broker has replaced is a message of an earlier incarnation and is ignored.
  std::vector<MinBrokerNotice> unregister(std::span<const Unregistration> batch);
  /// Removes every broker whose newest registration came over one of `channels`.
  std::vector<MinBrokerNotice> remove_channels(std::span<const remoting::ChannelId> channels);

  struct Expired {
    std::vector<MinBrokerNotice> notices;
    std::vector<remoting::ChannelId> channels;  ///< Of expired brokers, used by no live one: to be closed.
  };
  /// Removes brokers that have been silent for longer than their timeout.
  Expired expire(std::int64_t now_ms);

  /// A sign of life.
  void touch(const BrokerKey& key, std::int64_t now_ms);
  /// The version of the broker's last registration.
  std::optional<DataVersion> data_version(const BrokerKey& key) const;
  std::size_t live_brokers() const;

  /// Takes over single topics of known brokers; false and no change when one of them is unknown or the table is full.
  bool register_topic(const std::string& topic, const std::map<std::string, QueueData>& queues);
  void delete_topic(const std::string& topic);
  void delete_topic(const std::string& topic, const std::string& cluster);
  /// Takes the write permission from every queue of `broker_name`; answers how many topics it has.
  std::int32_t wipe_write_permission(const std::string& broker_name);
  /// Sets the permission of every queue of `broker_name` to read and write.
  std::int32_t add_write_permission(const std::string& broker_name);

  /// The encoded route, shared by all who ask for it (that is why it is a shared_ptr); null when there is none. A hash
  /// look-up and a reference count in the usual case.
  std::shared_ptr<const std::string> route_body(std::string_view topic, JsonFlavour flavour);
  std::optional<TopicRoute> route(const std::string& topic) const;

  /// Encoded GET_BROKER_CLUSTER_INFO answer.
  std::string cluster_info_body() const;
  std::map<std::int64_t, std::string> members(const std::string& broker_name) const;

  std::vector<std::string> all_topics() const;
  std::vector<std::string> topics_of_cluster(const std::string& cluster) const;
  struct SystemTopics {
    std::set<std::string> topics;  ///< Cluster and broker names.
    std::optional<std::string> broker_address;
  };
  SystemTopics system_topics() const;
  /// Sorted names of the topics whose flags of the first broker satisfy `wanted`.
  std::vector<std::string> topics_by_flag(bool (*wanted)(std::int32_t topic_sys_flag)) const;

 private:
  struct Topic {
    std::map<std::string, QueueData> queues;                   ///< By broker name; never empty.
    std::array<std::shared_ptr<const std::string>, 2> bodies;  ///< By JsonFlavour; valid while epoch == epoch_.
    std::uint64_t epoch = 0;
    void changed() { bodies = {}; }
  };
  struct Live {
    std::string broker_name;
    std::int64_t broker_id = 0;
    remoting::ChannelId channel;
    std::vector<remoting::ChannelId> replaced;  ///< Connections of earlier registrations that may still be open.
    std::int64_t last_update_ms = 0;
    std::int64_t timeout_ms = kDefaultBrokerTimeoutMs;
    DataVersion version;
    std::string ha_address;
  };
  using Topics = StringMap<Topic>;
  using LiveTable = absl::flat_hash_map<BrokerKey, Live>;
  struct Departures;

  bool join_group(const Registration& registration, RegistrationResult& result);
  void take_topics(const Registration& registration, const BrokerGroup& group, bool first);
  void take_mappings(const Registration& registration);
  void take_liveness(const Registration& registration, std::int64_t now_ms);
  void delete_missing_topics(const Registration& registration);
  void set_queues(const std::string& topic, const std::string& broker_name, const QueueData& queues);
  void name_master(const Registration& registration, const BrokerGroup& group, RegistrationResult& result) const;

  void depart(const BrokerKey& key, const std::string& broker_name, Departures& departures);
  std::vector<MinBrokerNotice> finish(Departures& departures);
  std::vector<MinBrokerNotice> remove_keys(std::span<const BrokerKey> keys);
  void remove_group(const std::string& broker_name);
  std::int32_t change_permission(const std::string& broker_name, std::int32_t keep, std::int32_t add);

  std::optional<TopicRoute> build_route(const std::string& topic, const Topic& entry) const;
  void act_for_missing_masters(const std::string& topic, TopicRoute& route) const;
  void groups_changed() { ++epoch_; }

  mutable std::shared_mutex mutex_;
  RouteOptions options_;
  const OrderConf order_conf_;
  const RouteLimits limits_;
  std::uint64_t epoch_ = 1;  ///< Grows whenever something changes that is part of many routes.
  Topics topics_;
  std::map<std::string, BrokerGroup> groups_;              ///< By broker name.
  std::map<std::string, std::set<std::string>> clusters_;  ///< Broker names by cluster; never an empty set.
  LiveTable live_;
  absl::flat_hash_map<BrokerKey, std::vector<std::string>> filter_servers_;
  absl::flat_hash_map<std::string, std::map<std::string, QueueMapping>> mappings_;  ///< By topic, then broker name.
};

}  // namespace ogive::namesrv
