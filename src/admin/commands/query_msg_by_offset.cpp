// queryMsgByOffset: the message at a place in a queue (11).
#include "admin/commands/commands.h"
#include "admin/message_details.h"

namespace ogive::admin {
namespace {

Status run(Context& context) {
  const std::string topic = context.text("t");
  const auto queue_id = context.small_number("i", 0);
  if (!queue_id) return fail(queue_id.error());
  const auto offset = context.number("o", 0);
  if (!offset) return fail(offset.error());
  const auto queue =
      readable_queue(context.cluster, context.given("r").value_or(topic), topic, context.text("b"), *queue_id);
  if (!queue) return fail(queue.error());
  const auto pulled = pull_messages(context.cluster, *queue, *offset, 1);
  if (!pulled) return fail(pulled.error());
  if (pulled->messages.empty()) return {};  // As the original: nothing there, nothing printed.
  const MessageView& message = pulled->messages.front();
  print_message_details(context, message, {.with_body = context.has("f")});
  return print_message_tracks(context, message);
}

void options(settings::Options& options) {
  options.add(required("t", "topic", "topic name"))
      .add(required("b", "brokerName", "Broker Name"))
      .add(required("i", "queueId", "Queue Id"))
      .add(required("o", "offset", "Queue Offset"))
      .add(optional("f", "bodyFormat", "print message body by the specified format"))
      .add(optional("r", "routeTopic", "the topic which is used to find route info"));
}

}  // namespace

Command query_msg_by_offset() {
  return {"queryMsgByOffset", "Query Message by offset.", options, run};
}

}  // namespace ogive::admin
