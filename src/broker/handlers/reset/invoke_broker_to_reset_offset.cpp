#include <fmt/core.h>

#include "broker/handlers/answers.h"
#include "broker/handlers/reset/reset_handlers.h"
#include "protocol/bodies/offsets.h"
#include "protocol/headers/offset.h"

namespace ogive::broker::handlers {
namespace {

using Header = protocol::ResetOffsetRequestHeader;

protocol::ResetOffsetBody body_of(const ResetPorts& ports, std::string_view topic, const OffsetReset::Plan& plan) {
  protocol::ResetOffsetBody body;
  for (const auto& [queue, offset] : plan) {
    body.offset_table[{std::string(topic), ports.identity.broker_name, queue}] = offset;
  }
  return body;
}

/// For clients that cannot read objects as keys.
protocol::ResetOffsetBodyForC list_of(const protocol::ResetOffsetBody& body) {
  protocol::ResetOffsetBodyForC list;
  for (const auto& [queue, offset] : body.offset_table) {
    list.offset_table.push_back({queue.topic, queue.broker_name, queue.queue_id, offset});
  }
  return list;
}

/// One queue, to an offset of the operator's, instead of times.
bool names_offset(const Header& header) {
  return header.queue_id >= 0 && header.offset.value_or(-1) != -1;
}

/// useServerSideResetOffset: the offsets are the broker's, clients learn of them by their next pull.
Message reset_here(const ResetPorts& ports, const Header& header, const protocol::TopicConfig& topic) {
  if (!ports.groups.find(header.group)) {
    return Message(code::kSubscriptionGroupNotExist, fmt::format("Group {} does not exist", header.group));
  }
  const auto plan = names_offset(header) ? ports.reset.to_offset(topic, header.queue_id, *header.offset)
                                         : ports.reset.by_time(topic, header.queue_id, header.timestamp);
  if (!plan) return bad_request(plan.error());
  if (plan->empty()) return Message(code::kSystemError, "No queues to reset.");
  if (Status assigned = ports.reset.assign(header.group, header.topic, *plan); !assigned) return of_status(assigned);
  if (Status saved = ports.reset.save(); !saved) return of_status(saved);
  return success(protocol::to_json(body_of(ports, header.topic, *plan)));
}

/// The old way: the online clients are told (220) and commit by themselves. Where the operator named one queue and an
/// offset, that is what they are told; the original would reset every queue by time then.
Message tell_clients(const ResetPorts& ports, const Header& header, const protocol::TopicConfig& topic,
                     std::int32_t asker_language) {
  const auto plan = names_offset(header)
                        ? ports.reset.to_offset(topic, header.queue_id, *header.offset)
                        : ports.reset.for_clients(header.group, topic, header.timestamp, header.is_force);
  if (!plan) return bad_request(plan.error());
  const auto body = body_of(ports, header.topic, *plan);
  Message call(request_code::kResetConsumerClientOffset);
  call.field("topic", header.topic);
  call.field("group", header.group);
  call.field("timestamp", header.timestamp);
  call.field("isForce", header.is_force);
  call.body = protocol::to_json(body);
  Message call_for_cpp = call;
  call_for_cpp.body = protocol::to_json(list_of(body));
  const auto told = ports.calls.tell_all(header.group, [&](const ClientSession& session) -> const Message& {
    const bool cpp = asker_language == protocol::language::kCpp || session.language == protocol::language::kCpp;
    return cpp ? call_for_cpp : call;
  });
  if (!told) return bad_request(told.error());
  if (!*told) {
    return Message(code::kConsumerNotOnline,
                   fmt::format("Consumer not online, so can not reset offset, Group: {} Topic: {} Timestamp: {}",
                               header.group, header.topic, header.timestamp));
  }
  return success(protocol::to_json(body));
}

Message answer(const ResetPorts& ports, const Header& header, const Request& request) {
  const TopicPtr topic = ports.topics.find(header.topic);
  if (!topic) return Message(code::kTopicNotExist, fmt::format("Topic {} does not exist", header.topic));
  if (ports.settings.get_bool("useServerSideResetOffset")) return reset_here(ports, header, *topic);
  return tell_clients(ports, header, *topic, request.frame.language);
}

}  // namespace

HandlerRow invoke_broker_to_reset_offset(const ResetPorts& ports) {
  return {request_code::kInvokeBrokerToResetOffset,
          "INVOKE_BROKER_TO_RESET_OFFSET",
          Lane::kBlocking,
          with_header<Header>(
              [ports](const Header& header, const Request& request) { return answer(ports, header, request); }),
          "operators",
          "moves a group by time, to `offset` of `queueId`, or to the end (`timestamp` -1); the queues and their new "
          "offsets"};
}

}  // namespace ogive::broker::handlers
