#include "broker/cluster/registration.h"

#include "base/crc32.h"
#include "protocol/bodies/register_broker.h"
#include "protocol/codes.h"
#include "protocol/headers/namesrv.h"

namespace ogive::broker {

void Registration::refresh_body(bool compressed) {
  const std::int32_t broker_permission = identity_.broker_permission.load(std::memory_order_relaxed);
  // The version is taken first: a change while the topics are copied is sent again, never missed.
  const std::uint64_t generation = topics_.generation();
  if (body_ && generation == body_generation_ && broker_permission == body_permission_ &&
      compressed == body_compressed_) {
    return;
  }
  protocol::RegisterBrokerBody body;
  auto& wrapper = body.topic_config_serialize_wrapper;
  wrapper.data_version = topics_.data_version();
  for (const TopicPtr& topic : topics_.snapshot()) {
    auto& config = wrapper.topic_config_table[topic->topic_name] = *topic;
    config.perm &= broker_permission | permission::kInherit;
  }
  body_ = std::make_shared<const std::string>(compressed ? protocol::encode_compressed_registration(body)
                                                         : protocol::to_json(body));
  body_crc_ = message_crc32(as_bytes(*body_));
  body_generation_ = generation;
  body_permission_ = broker_permission;
  body_compressed_ = compressed;
}

remoting::Message Registration::registration(const RegistrationOptions& options) {
  refresh_body(options.compressed);
  remoting::Message message(protocol::request_code::kRegisterBroker);
  const std::string address = identity_.store_host.to_string();
  protocol::RegisterBrokerRequestHeader header;
  header.broker_name = identity_.broker_name;
  header.broker_addr = address;
  header.cluster_name = identity_.cluster_name;
  header.ha_server_addr = options.ha_address;
  header.broker_id = identity_.broker_id;
  if (options.not_active_timeout_ms > 0) header.heartbeat_timeout_millis = options.not_active_timeout_ms;
  header.enable_acting_master = options.enable_acting_master;
  header.compressed = options.compressed;
  header.body_crc32 = body_crc_;
  protocol::encode_header(header, message);
  message.shared_body = body_;
  return message;
}

remoting::Message Registration::unregistration() const {
  const std::string address = identity_.store_host.to_string();
  protocol::UnRegisterBrokerRequestHeader header;
  header.broker_name = identity_.broker_name;
  header.broker_addr = address;
  header.cluster_name = identity_.cluster_name;
  header.broker_id = identity_.broker_id;
  remoting::Message message(protocol::request_code::kUnregisterBroker);
  protocol::encode_header(header, message);
  return message;
}

remoting::Message Registration::version_query() const {
  const std::string address = identity_.store_host.to_string();
  protocol::QueryDataVersionRequestHeader header;
  header.broker_name = identity_.broker_name;
  header.broker_addr = address;
  header.cluster_name = identity_.cluster_name;
  header.broker_id = identity_.broker_id;
  remoting::Message message(protocol::request_code::kQueryDataVersion);
  protocol::encode_header(header, message);
  message.body = protocol::to_json(topics_.data_version());
  return message;
}

remoting::Message Registration::heartbeat(const RegistrationOptions& options) const {
  const std::string address = identity_.store_host.to_string();
  protocol::BrokerHeartbeatRequestHeader header;
  header.cluster_name = identity_.cluster_name;
  header.broker_addr = address;
  header.broker_name = identity_.broker_name;
  header.broker_id = identity_.broker_id;
  if (options.not_active_timeout_ms > 0) header.heartbeat_timeout_mills = options.not_active_timeout_ms;
  remoting::Message message(protocol::request_code::kBrokerHeartbeat);
  protocol::encode_header(header, message);
  return message;
}

}  // namespace ogive::broker
