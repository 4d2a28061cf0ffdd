// printMsgByQueue: every message of one queue, or how many there are of each tag (11).
#include <algorithm>

#include "admin/commands/commands.h"
#include "admin/message_view.h"
#include "admin/print.h"
#include "admin/reset_offset.h"
#include "admin/text.h"
#include "message/properties.h"

namespace ogive::admin {
namespace {

constexpr std::int32_t kPullBatch = 32;

/// The offset at the time an option names, if it was given.
Status move_to_time(Context& context, const client::QueueAt& at, std::string_view option, std::int64_t& offset) {
  const auto given = context.given(option);
  if (!given) return {};
  const auto time = parse_time(*given);
  if (!time) return fail(time.error());
  const auto found = offset_at(context.cluster, at.address, at.queue, *time);
  if (!found) return fail(found.error());
  offset = *found;
  return {};
}

void print_counts(std::ostream& out, const std::map<std::string, std::int64_t>& counts) {
  std::vector<std::pair<std::string, std::int64_t>> sorted(counts.begin(), counts.end());
  std::ranges::stable_sort(sorted, std::greater<>(), &std::pair<std::string, std::int64_t>::second);
  for (const auto& [tag, count] : sorted) print(out, "Tag: {:<30} Count: {}\n", tag, count);
}

Status run(Context& context) {
  const std::string topic = context.text("t");
  const auto queue_id = context.small_number("i", 0);
  if (!queue_id) return fail(queue_id.error());
  const auto at = readable_queue(context.cluster, topic, topic, context.text("a"), *queue_id);
  if (!at) return fail(at.error());
  auto begin = min_offset(context.cluster, at->address, at->queue);
  if (!begin) return fail(begin.error());
  auto end = max_offset(context.cluster, at->address, at->queue);
  if (!end) return fail(end.error());
  OGIVE_TRY(move_to_time(context, *at, "b", *begin));
  OGIVE_TRY(move_to_time(context, *at, "e", *end));
  std::map<std::string, std::int64_t> counts;
  for (std::int64_t offset = *begin; offset < *end;) {
    const auto pulled = pull_messages(context.cluster, *at, offset, kPullBatch, context.given("s").value_or("*"));
    if (!pulled) return fail(pulled.error());
    for (const MessageView& message : pulled->messages) {
      const std::string tag = message.property(message::property::kTags);
      if (!tag.empty()) ++counts[tag];
      if (context.is_true("p")) print_message_line(context.out, message, context.is_true("d"));
    }
    if (pulled->status != client::PullStatus::kFound || pulled->next_offset <= offset) break;
    offset = pulled->next_offset;
  }
  if (context.is_true("f")) print_counts(context.out, counts);
  return {};
}

void options(settings::Options& options) {
  options.add(required("t", "topic", "topic name"))
      .add(required("a", "brokerName ", "broker name"))
      .add(required("i", "queueId ", "queue id"))
      .add(optional("c", "charsetName ", "CharsetName(eg: UTF-8,GBK)"))
      .add(optional("s", "subExpression ", "Subscribe Expression(eg: TagA || TagB)"))
      .add(optional("b", "beginTimestamp ", "Begin timestamp[currentTimeMillis|yyyy-MM-dd#HH:mm:ss:SSS]"))
      .add(optional("e", "endTimestamp ", "End timestamp[currentTimeMillis|yyyy-MM-dd#HH:mm:ss:SSS]"))
      .add(optional("p", "print msg", "print msg. eg: true | false(default)"))
      .add(optional("d", "printBody ", "print body. eg: true | false(default)"))
      .add(optional("f", "calculate", "calculate by tag. eg: true | false(default)"));
}

}  // namespace

Command print_msg_by_queue() {
  return {"printMsgByQueue", "Print Message Detail by queueId.", options, run};
}

}  // namespace ogive::admin
