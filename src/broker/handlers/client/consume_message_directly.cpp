#include <fmt/core.h>

#include "broker/handlers/answers.h"
#include "broker/handlers/client/client_handlers.h"
#include "message/record.h"
#include "protocol/headers/client.h"

namespace ogive::broker::handlers {
namespace {

/// The fields as they came, with what the consumer needs to know besides.
Message call_for(const ClientPorts& ports, const Request& request,
                 const protocol::ConsumeMessageDirectlyResultRequestHeader& header) {
  Message call(request_code::kConsumeMessageDirectly);
  for (const auto& field : request.frame.fields) {
    if (field.name == "brokerName" || field.name == "topicSysFlag" || field.name == "groupSysFlag") continue;
    call.field(field.name, field.value);
  }
  call.field("brokerName", std::string_view(ports.identity.broker_name));
  if (const TopicPtr topic = ports.topics.find(header.topic.value_or(""))) {
    call.field("topicSysFlag", topic->topic_sys_flag);
  }
  if (const GroupPtr group = ports.groups.find(header.consumer_group)) {
    call.field("groupSysFlag", group->group_sys_flag);
  }
  return call;
}

void handle(const ClientPorts& ports, const Request& request) {
  const auto refuse = [&](const Error& error) { request.channel->reply(request.reply_to, bad_request(error)); };
  const auto header = protocol::decode_header<protocol::ConsumeMessageDirectlyResultRequestHeader>(request.frame);
  if (!header) return refuse(header.error());
  const auto place = message::parse_offset_message_id(header->msg_id.value_or(""));
  if (!place) return refuse(place.error());
  Status posted =
      ports.blocking.post([ports, to = request.reply_to, group = std::string(header->consumer_group),
                           client = std::string(header->client_id.value_or("")), offset = place->physical_offset,
                           call = call_for(ports, request, *header)]() mutable {
        auto record = ports.store.read_record(PhysicalOffset(offset));
        if (!record) {
          return ports.calls.reply(to, Message(code::kSystemError, fmt::format("no message at offset {}: {}", offset,
                                                                               record.error().message())));
        }
        call.body = as_chars(*record);
        ports.calls.relay(to, group, client, std::move(call));
      });
  if (!posted) request.channel->reply(request.reply_to, Message(code::kSystemBusy, posted.error().message()));
}

}  // namespace

HandlerRow consume_message_directly(const ClientPorts& ports) {
  return {request_code::kConsumeMessageDirectly,
          "CONSUME_MESSAGE_DIRECTLY",
          Lane::kReactor,
          AnswerLater([ports](const Request& request) { handle(ports, request); }),
          "operators",
          "has the consumer `clientId` consume the message `msgId` now and answers what came of it"};
}

}  // namespace ogive::broker::handlers
