// printMsg: every message of a topic (11).
#include "admin/commands/commands.h"
#include "admin/message_view.h"
#include "admin/print.h"
#include "admin/reset_offset.h"
#include "admin/text.h"

namespace ogive::admin {
namespace {

constexpr std::int32_t kPullBatch = 32;

/// A bound of the queue, or the offset at the time an option names.
Result<std::int64_t> bound(Context& context, const client::QueueAt& at, std::string_view option, bool lower) {
  const auto given = context.given(option);
  if (!given) {
    return lower ? min_offset(context.cluster, at.address, at.queue)
                 : max_offset(context.cluster, at.address, at.queue);
  }
  const auto time = parse_time(*given);
  if (!time) return fail(time.error());
  return offset_at(context.cluster, at.address, at.queue, *time);
}

Status print_queue(Context& context, const client::QueueAt& at) {
  const auto begin = bound(context, at, "b", true);
  if (!begin) return fail(begin.error());
  const auto end = bound(context, at, "e", false);
  if (!end) return fail(end.error());
  const std::string queue = queue_text(at.queue);
  print(context.out, "minOffset={}, maxOffset={}, {}\n", *begin, *end, queue);
  const bool with_body = !context.has("d") || context.is_true("d");
  for (std::int64_t offset = *begin; offset < *end;) {
    const auto pulled = pull_messages(context.cluster, at, offset, kPullBatch, context.given("s").value_or("*"));
    if (!pulled) return fail(pulled.error());
    const bool stuck = pulled->next_offset <= offset;
    offset = pulled->next_offset;
    for (const MessageView& message : pulled->messages) print_message_line(context.out, message, with_body);
    if (pulled->status == client::PullStatus::kNoMatchedMessage) {
      print(context.out, "{} no matched msg. status={}, offset={}\n", queue, to_string(pulled->status), offset);
    } else if (pulled->status != client::PullStatus::kFound) {
      print(context.out, "{} print msg finished. status={}, offset={}\n", queue, to_string(pulled->status), offset);
      break;
    }
    if (stuck) break;
  }
  context.out << "--------------------------------------------------------\n";
  return {};
}

Status run(Context& context) {
  const std::string topic = context.text("t");
  auto queues = readable_queues(context.cluster, context.given("l").value_or(topic));
  if (!queues) return fail(queues.error());
  for (client::QueueAt& at : *queues) {
    at.queue.topic = topic;
    OGIVE_TRY(print_queue(context, at));
  }
  return {};
}

void options(settings::Options& options) {
  options.add(required("t", "topic", "topic name"))
      .add(optional("c", "charsetName ", "CharsetName(eg: UTF-8,GBK)"))
      .add(optional("s", "subExpression ", "Subscribe Expression(eg: TagA || TagB)"))
      .add(optional("b", "beginTimestamp ", "Begin timestamp[currentTimeMillis|yyyy-MM-dd#HH:mm:ss:SSS]"))
      .add(optional("e", "endTimestamp ", "End timestamp[currentTimeMillis|yyyy-MM-dd#HH:mm:ss:SSS]"))
      .add(optional("d", "printBody ", "print body"))
      .add(optional("l", "lmqParentTopic", "Lmq parent topic, lmq is used to find the route."));
}

}  // namespace

Command print_msg() {
  return {"printMsg", "Print Message Detail.", options, run};
}

}  // namespace ogive::admin
