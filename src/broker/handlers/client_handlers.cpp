// Requests of connected clients about themselves: 34, 35, 38, 46, 41, 42.

#include <fmt/core.h>

#include "broker/handlers/metadata_handlers.h"
#include "broker/topic/names.h"
#include "protocol/bodies/heartbeat.h"
#include "protocol/bodies/lists.h"
#include "protocol/bodies/locking.h"
#include "protocol/codes.h"
#include "protocol/headers/client.h"

namespace ogive::broker {
namespace {

namespace code = protocol::response_code;
using remoting::Lane;
using remoting::Message;
using remoting::Request;

constexpr std::int32_t kUnitSubFlag = 2;

ClientSession session_of(const Request& request, const std::string& client_id) {
  ClientSession session;
  session.channel = request.reply_to.channel;
  session.client_id = client_id;
  session.language = request.frame.language;
  session.version = request.frame.version;
  session.remote = request.remote;
  return session;
}

/// True when the client must send its subscriptions in full.
bool take_consumer(const ClientPorts& ports, const ClientSession& session, const protocol::HeartbeatData& heartbeat,
                   const protocol::ConsumerData& data) {
  const GroupPtr group = ports.groups.find_or_create(data.group_name);
  if (!group) return false;
  ports.topics.create_for_send_back(retry_topic(data.group_name), group->retry_queue_nums, permission::kReadWrite,
                                    false, data.unit_mode ? kUnitSubFlag : 0);
  ConsumerRegistration registration;
  registration.group = data.group_name;
  registration.consume_type = protocol::enum_name(data.consume_type);
  registration.message_model = protocol::enum_name(data.message_model);
  registration.consume_from_where = protocol::enum_name(data.consume_from_where);
  registration.notify_ids_changed = group->notify_consumer_ids_changed_enable;
  registration.keep_subscriptions = heartbeat.without_sub;
  registration.fingerprint = heartbeat.heartbeat_fingerprint;
  registration.subscriptions = data.subscription_data_set;
  return ports.consumers.register_consumer(session, registration).subscriptions_wanted;
}

Message heart_beat(const ClientPorts& ports, const Request& request) {
  auto heartbeat = protocol::from_json<protocol::HeartbeatData>(request.frame.body);
  if (!heartbeat) return Message(code::kSystemError, "heartbeat: " + heartbeat.error().message());
  if (heartbeat->client_id.empty()) return Message(code::kSystemError, "heartbeat: clientID is missing");
  const ClientSession session = session_of(request, heartbeat->client_id);
  bool must_send_subscriptions = false;
  for (const auto& consumer : heartbeat->consumer_data_set) {
    must_send_subscriptions |= take_consumer(ports, session, *heartbeat, consumer);
  }
  for (const auto& producer : heartbeat->producer_data_set) {
    if (!group_name_error(producer.group_name)) ports.producers.register_producer(session, producer.group_name);
  }
  ports.expiry.wake();
  Message answer(code::kSuccess);
  answer.field("IS_SUPPORT_HEART_BEAT_V2", true);
  answer.field("IS_SUB_CHANGE", heartbeat->without_sub ? must_send_subscriptions : true);
  return answer;
}

Message unregister_client(const ClientPorts& ports, const Request& request) {
  auto header = protocol::decode_header<protocol::UnregisterClientRequestHeader>(request.frame);
  if (!header) return Message(code::kSystemError, header.error().message());
  if (header->producer_group) ports.producers.unregister_producer(request.reply_to.channel, *header->producer_group);
  if (header->consumer_group) ports.consumers.unregister_consumer(request.reply_to.channel, *header->consumer_group);
  return Message(code::kSuccess);
}

Message consumer_list(const ClientPorts& ports, const Request& request) {
  auto header = protocol::decode_header<protocol::GetConsumerListByGroupRequestHeader>(request.frame);
  if (!header) return Message(code::kSystemError, header.error().message());
  protocol::GetConsumerListByGroupResponseBody body;
  body.consumer_id_list = ports.consumers.client_ids(header->consumer_group);
  if (body.consumer_id_list.empty()) {
    return Message(code::kSystemError, fmt::format("no consumer for this group, {}", header->consumer_group));
  }
  Message answer(code::kSuccess);
  answer.body = protocol::to_json(body);
  return answer;
}

Message check_client_config(const Request& request) {
  auto body = protocol::from_json<protocol::CheckClientRequestBody>(request.frame.body);
  if (!body) return Message(code::kSystemError, "client configuration: " + body.error().message());
  if (body->subscription_data.expression_type.empty() || body->subscription_data.expression_type == "TAG") {
    return Message(code::kSuccess);
  }
  return Message(code::kSystemError, "The broker does not support consumer to filter message by " +
                                         body->subscription_data.expression_type);
}

Message lock_queues(const ClientPorts& ports, const Request& request) {
  auto body = protocol::from_json<protocol::LockBatchRequestBody>(request.frame.body);
  if (!body) return Message(code::kSystemError, "lock request: " + body.error().message());
  protocol::LockBatchResponseBody locked;
  locked.lock_ok_mq_set = ports.locks.lock(body->consumer_group, body->client_id, body->mq_set);
  Message answer(code::kSuccess);
  answer.body = protocol::to_json(locked);
  return answer;
}

Message unlock_queues(const ClientPorts& ports, const Request& request) {
  auto body = protocol::from_json<protocol::LockBatchRequestBody>(request.frame.body);
  if (!body) return Message(code::kSystemError, "unlock request: " + body.error().message());
  ports.locks.unlock(body->consumer_group, body->client_id, body->mq_set);
  return Message(code::kSuccess);
}

}  // namespace

void add_client_handlers(remoting::HandlerTable& table, const ClientPorts& ports) {
  namespace request = protocol::request_code;
  const auto add = [&](std::int32_t number, std::string_view name,
                       Message (*handler)(const ClientPorts&, const Request&)) {
    table.add({number, name, Lane::kReactor,
               remoting::Answer([ports, handler](const Request& r) { return handler(ports, r); })});
  };
  add(request::kHeartBeat, "HEART_BEAT", heart_beat);
  add(request::kUnregisterClient, "UNREGISTER_CLIENT", unregister_client);
  add(request::kGetConsumerListByGroup, "GET_CONSUMER_LIST_BY_GROUP", consumer_list);
  add(request::kLockBatchMq, "LOCK_BATCH_MQ", lock_queues);
  add(request::kUnlockBatchMq, "UNLOCK_BATCH_MQ", unlock_queues);
  table.add(
      {request::kCheckClientConfig, "CHECK_CLIENT_CONFIG", Lane::kReactor, remoting::Answer(check_client_config)});
}

}  // namespace ogive::broker
