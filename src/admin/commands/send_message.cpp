// sendMessage: sends one message (10).
#include "admin/commands/commands.h"
#include "admin/outgoing.h"
#include "admin/print.h"
#include "message/properties.h"

namespace ogive::admin {
namespace {

/// The queue the options name, or one of those they allow, by the clock.
Result<client::QueueAt> choose_queue(Context& context, const std::string& topic) {
  auto queues = writable_queues(context.cluster, topic);
  if (!queues) return fail(queues.error());
  const auto queue_id = context.small_number("i", -1);
  if (!queue_id) return fail(queue_id.error());
  if (context.has("i") && !context.has("b")) {
    return fail(Errc::kInvalidArgument, "Broker name must be set if the queue is chosen!");
  }
  if (const auto broker = context.given("b")) {
    std::erase_if(*queues, [&](const client::QueueAt& at) {
      return at.queue.broker_name != *broker || (*queue_id >= 0 && at.queue.queue_id != *queue_id);
    });
    if (queues->empty()) {
      return fail(Errc::kNotFound, fmt::format("broker '{}' has no such writable queue of topic '{}'", *broker, topic));
    }
  }
  return (*queues)[static_cast<std::size_t>(context.cluster.now_ms()) % queues->size()];
}

Status run(Context& context) {
  if (context.is_true("m")) return fail(Errc::kUnsupported, "message traces (-m true) are not written by this command");
  client::OutgoingMessage message;
  message.topic = context.text("t");
  message.body = context.text("p");
  const auto at = choose_queue(context, message.topic);
  if (!at) return fail(at.error());
  message.queue_id = at->queue.queue_id;
  if (const auto keys = context.given("k")) {
    message::append_property(message.properties, message::property::kKeys, *keys);
  }
  if (const auto tags = context.given("c")) {
    message::append_property(message.properties, message::property::kTags, *tags);
  }
  const auto sent = context.cluster.send(at->address, std::move(message));
  if (!sent) return fail(sent.error());
  print(context.out, "{:<32}  {:<4}  {:<20}    {}\n", "#Broker Name", "#QID", "#Send Result", "#MsgId");
  print(context.out, "{:<32}  {:<4}  {:<20}    {}\n", at->queue.broker_name, sent->queue_id, to_string(sent->status),
        sent->unique_id);
  return {};
}

void options(settings::Options& options) {
  options.add(required("t", "topic", "Topic name"))
      .add(required("p", "body", "UTF-8 string format of the message body"))
      .add(optional("k", "key", "Message keys"))
      .add(optional("c", "tags", "Message tags"))
      .add(optional("b", "broker", "Send message to target broker"))
      .add(optional("i", "qid", "Send message to target queue"))
      .add(optional("m", "msgTraceEnable", "Message Trace Enable, Default: false"));
}

}  // namespace

Command send_message() {
  return {"sendMessage", "Send a message.", options, run};
}

}  // namespace ogive::admin
