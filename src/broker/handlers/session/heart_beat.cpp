#include "broker/handlers/answers.h"
#include "broker/handlers/session/session_handlers.h"
#include "broker/topic/names.h"
#include "protocol/bodies/heartbeat.h"

namespace ogive::broker::handlers {
namespace {

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
bool take_consumer(const SessionPorts& ports, const ClientSession& session, const protocol::HeartbeatData& heartbeat,
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

Message answer(const SessionPorts& ports, const Request& request) {
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
  Message message(code::kSuccess);
  message.field("IS_SUPPORT_HEART_BEAT_V2", true);
  message.field("IS_SUB_CHANGE", heartbeat->without_sub ? must_send_subscriptions : true);
  return message;
}

}  // namespace

HandlerRow heart_beat(const SessionPorts& ports) {
  return {request_code::kHeartBeat,
          "HEART_BEAT",
          Lane::kReactor,
          Answer([ports](const Request& request) { return answer(ports, request); }),
          "clients",
          "registers the client under its groups; makes `%RETRY%group`; `IS_SUPPORT_HEART_BEAT_V2`, `IS_SUB_CHANGE`"};
}

}  // namespace ogive::broker::handlers
