// queryMsgById: a message by either kind of id (33, 12); can hand it to one consumer (309) or send it again.
#include <sstream>

#include "admin/brokers.h"
#include "admin/commands/commands.h"
#include "admin/message_details.h"
#include "admin/print.h"
#include "admin/text.h"
#include "message/properties.h"
#include "protocol/bodies/running_info.h"
#include "protocol/codes.h"
#include "protocol/headers/client.h"

namespace ogive::admin {
namespace {

/// Hands the message to a consumer and prints how that went.
Status hand_over(Context& context, const MessageView& message) {
  const std::string group = context.text("g");
  const std::string client_id = context.text("d");
  const auto addresses = topic_addresses(context.cluster, retry_topic_of(group));
  if (!addresses) return fail(addresses.error());
  const std::string offset_id = message.offset_id();
  protocol::ConsumeMessageDirectlyResultRequestHeader header;
  header.consumer_group = group;
  header.client_id = client_id;
  header.msg_id = offset_id;
  header.topic = message.topic;
  const auto result = context.cluster.ask_json<protocol::ConsumeMessageDirectlyResult>(
      addresses->front(), client::make_request(protocol::request_code::kConsumeMessageDirectly, header),
      Milliseconds(30'000));
  if (!result) return fail(result.error());
  print(context.out,
        "ConsumeMessageDirectlyResult [order={}, autoCommit={}, consumeResult={}, remark={}, spentTimeMills={}]",
        result->order, result->auto_commit,
        result->consume_result ? protocol::enum_name(*result->consume_result) : "null", result->remark.value_or("null"),
        result->spent_time_mills);
  return {};
}

/// Sends a copy; the broker makes it a message of its own.
Status send_again(Context& context, const MessageView& message, const std::string& id) {
  const auto route = context.cluster.route(message.topic);
  if (!route) return fail(route.error());
  const auto queues = client::queues_to_write(*route, message.topic);
  if (queues.empty()) return fail(Errc::kPermission, fmt::format("topic '{}' has no writable queue", message.topic));
  client::OutgoingMessage copy;
  copy.topic = message.topic;
  copy.queue_id = queues.front().queue.queue_id;
  copy.body = message.body;
  copy.flag = message.flag;
  copy.producer_group = "ReSendMsgById";
  for (const auto& [name, value] : message.properties) message::append_property(copy.properties, name, value);
  print(context.out, "prepare resend msg. originalMsgId={}", id);
  const auto sent = context.cluster.send(queues.front().address, std::move(copy));
  if (!sent) return fail(sent.error());
  print(context.out, "SendResult [sendStatus={}, msgId={}, offsetMsgId={}, messageQueue={}, queueOffset={}]",
        to_string(sent->status), sent->unique_id, sent->message_id, queue_text(queues.front().queue),
        sent->queue_offset);
  return {};
}

Status print(Context& context, const MessageView& message) {
  print_message_details(context, message, {.with_body = context.has("f")});
  return print_message_tracks(context, message);
}

Status run(Context& context) {
  const std::string topic = context.text("t");
  std::istringstream ids(context.text("i"));
  for (std::string word; std::getline(ids, word, ',');) {
    const std::string id(trimmed(word));
    if (id.empty()) continue;
    const auto message = message_by_id(context.cluster, context.given("c").value_or(topic), topic, id);
    if (!message) return fail(message.error());
    if (context.has("g") && context.has("d")) {
      OGIVE_TRY(hand_over(context, *message));
    } else if (context.has("s")) {
      if (context.is_true("s")) OGIVE_TRY(send_again(context, *message, id));
    } else {
      OGIVE_TRY(print(context, *message));
    }
  }
  return {};
}

void options(settings::Options& options) {
  options.add(required("t", "topic", "topic name"))
      .add(required("i", "msgId", "Message Id"))
      .add(optional("g", "consumerGroup", "consumer group name"))
      .add(optional("d", "clientId", "The consumer's client id"))
      .add(optional("s", "sendMessage", "resend message"))
      .add(optional("u", "unitName", "unit name"))
      .add(optional("f", "bodyFormat", "print message body by the specified format"))
      .add(optional("c", "cluster", "Cluster name or lmq parent topic, lmq is used to find the route."));
}

}  // namespace

Command query_msg_by_id() {
  return {"queryMsgById", "Query Message by Id.", options, run};
}

}  // namespace ogive::admin
