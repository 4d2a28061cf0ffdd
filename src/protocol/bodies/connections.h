#pragma once
// JSON bodies. Who is connected: 203, 204, 328.
// How structs become JSON: protocol/json.h and docs/protocol/json.md.

#include "protocol/bodies/heartbeat.h"

namespace ogive::protocol {

/// A client's connection.
struct Connection {
  std::string client_id;
  std::string client_addr;
  std::string language = "JAVA";
  std::int32_t version = 0;
};
BOOST_DESCRIBE_STRUCT(Connection, (), (client_id, client_addr, language, version))

/// GET_CONSUMER_CONNECTION_LIST (203).
struct ConsumerConnection {
  std::vector<Connection> connection_set;
  std::map<std::string, SubscriptionData> subscription_table;
  ConsumeType consume_type = ConsumeType::kPassively;
  MessageModel message_model = MessageModel::kClustering;
  ConsumeFromWhere consume_from_where = ConsumeFromWhere::kLastOffset;
};
BOOST_DESCRIBE_STRUCT(ConsumerConnection, (),
                      (connection_set, subscription_table, consume_type, message_model, consume_from_where))

/// GET_PRODUCER_CONNECTION_LIST (204).
struct ProducerConnection {
  std::vector<Connection> connection_set;
};
BOOST_DESCRIBE_STRUCT(ProducerConnection, (), (connection_set))

/// A producer as 328 shows it.
struct ProducerInfo {
  std::string client_id;
  std::string remote_ip;
  std::string language = "JAVA";
  std::int32_t version = 0;
  std::int64_t last_update_timestamp = 0;

  static constexpr NameOverride kWireNames[] = {{"remote_ip", "remoteIP"}};
};
BOOST_DESCRIBE_STRUCT(ProducerInfo, (), (client_id, remote_ip, language, version, last_update_timestamp))

/// GET_ALL_PRODUCER_INFO (328), by group.
struct ProducerTableInfo {
  std::map<std::string, std::vector<ProducerInfo>> data;
};
BOOST_DESCRIBE_STRUCT(ProducerTableInfo, (), (data))

}  // namespace ogive::protocol
