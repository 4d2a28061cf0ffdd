// sendMsgStatus: sends messages to a broker's own topic and times them (10).
#include "admin/commands/commands.h"
#include "admin/message_view.h"
#include "admin/outgoing.h"
#include "admin/print.h"

namespace ogive::admin {
namespace {

constexpr std::string_view kFiller = "ogive says hello ";

Status run(Context& context) {
  const std::string topic = context.text("b");
  const auto size = context.small_number("s", 128);
  if (!size) return fail(size.error());
  const auto count = context.small_number("c", 50);
  if (!count) return fail(count.error());
  const auto queues = writable_queues(context.cluster, topic);
  if (!queues) return fail(queues.error());
  std::string body;
  while (body.size() < static_cast<std::size_t>(std::max(*size, 1))) body += kFiller;
  // The first one is not counted: it opens the connection.
  for (std::int32_t i = -1; i < *count; ++i) {
    const client::QueueAt& at = (*queues)[static_cast<std::size_t>(i + 1) % queues->size()];
    client::OutgoingMessage message;
    message.topic = topic;
    message.queue_id = at.queue.queue_id;
    message.body = body;
    message.producer_group = "PID_SMSC";
    const std::int64_t begin = context.cluster.monotonic_ms();
    const auto sent = context.cluster.send(at.address, std::move(message));
    if (!sent) return fail(sent.error());
    if (i < 0) continue;
    print(context.out,
          "rt={}ms, SendResult=SendResult [sendStatus={}, msgId={}, offsetMsgId={}, messageQueue={}, "
          "queueOffset={}, recallHandle=null]\n",
          context.cluster.monotonic_ms() - begin, to_string(sent->status), sent->unique_id, sent->message_id,
          queue_text(at.queue), sent->queue_offset);
  }
  return {};
}

void options(settings::Options& options) {
  options.add(required("b", "brokerName", "Broker Name e.g. clusterName_brokerName as DefaultCluster_broker-a"))
      .add(optional("s", "messageSize", "Message Size, Default: 128"))
      .add(optional("c", "count", "send message count, Default: 50"));
}

}  // namespace

Command send_msg_status() {
  return {"sendMsgStatus", "Send msg to broker.", options, run};
}

}  // namespace ogive::admin
