// consumeMessage: reads messages without being a consumer (11).
#include "admin/commands/commands.h"
#include "admin/message_view.h"
#include "admin/print.h"
#include "admin/reset_offset.h"
#include "admin/text.h"

namespace ogive::admin {
namespace {

/// What the options say.
struct Wish {
  std::string topic;
  std::string group;
  std::int64_t count = 128;
  std::int64_t begin_ms = 0;
  std::int64_t end_ms = 0;
};

/// Offsets from the first to the last, which may be one behind the end.
struct Range {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

Status take_times(const Context& context, Wish& wish) {
  for (const auto& [option, name, target] :
       {std::tuple{"s", "beginTimestamp", &wish.begin_ms}, std::tuple{"e", "endTimestamp", &wish.end_ms}}) {
    const auto given = context.given(option);
    if (!given) continue;
    const auto time = parse_time(*given);
    if (!time) return fail(time.error());
    if (*time > context.cluster.now_ms())
      return fail(Errc::kInvalidArgument, fmt::format("Please set the {} before now!", name));
    *target = *time;
  }
  if (wish.end_ms > 0 && wish.begin_ms > wish.end_ms) {
    return fail(Errc::kInvalidArgument,
                "Please make sure that the beginTimestamp is less than or equal to the endTimestamp");
  }
  return {};
}

Result<Wish> wish_of(const Context& context) {
  Wish wish{context.text("t"), context.given("g").value_or("TOOLS_CONSUMER")};
  const auto count = context.number("c", wish.count);
  if (!count) return fail(count.error());
  wish.count = *count;
  if (wish.count <= 0) return fail(Errc::kInvalidArgument, "Please input a positive messageNumber!");
  if (context.has("i") && !context.has("b"))
    return fail(Errc::kInvalidArgument, "Please set the brokerName before queueId!");
  if (context.has("o") && !context.has("i")) return fail(Errc::kInvalidArgument, "Please set queueId before offset!");
  OGIVE_TRY(take_times(context, wish));
  return wish;
}

Result<Range> bounds(Context& context, const client::QueueAt& at, const Wish& wish) {
  const auto first = wish.begin_ms > 0 ? offset_at(context.cluster, at.address, at.queue, wish.begin_ms)
                                       : min_offset(context.cluster, at.address, at.queue);
  if (!first) return fail(first.error());
  const auto last = wish.end_ms > 0 ? offset_at(context.cluster, at.address, at.queue, wish.end_ms)
                                    : max_offset(context.cluster, at.address, at.queue);
  if (!last) return fail(last.error());
  return Range{*first, *last};
}

Status consume(Context& context, const client::QueueAt& at, const Wish& wish, const Range& range) {
  const std::string queue = queue_text(at.queue);
  for (std::int64_t offset = range.first; offset <= range.last;) {
    const auto pulled =
        pull_messages(context.cluster, at, offset, static_cast<std::int32_t>(range.last - offset + 1), "*", wish.group);
    if (!pulled) return fail(pulled.error());
    const bool stuck = pulled->next_offset <= offset;
    offset = pulled->next_offset;
    if (pulled->status == client::PullStatus::kFound) {
      context.out << "Consume ok\n";
      for (const MessageView& message : pulled->messages) print_message_line(context.out, message, true);
    } else if (pulled->status == client::PullStatus::kNoMatchedMessage) {
      print(context.out, "{} no matched msg. status={}, offset={}\n", queue, to_string(pulled->status), offset);
    } else {
      print(context.out, "{} print msg finished. status={}, offset={}\n", queue, to_string(pulled->status), offset);
      return {};
    }
    if (stuck) return {};
  }
  return {};
}

Status consume_all(Context& context, const Wish& wish) {
  auto queues = readable_queues(context.cluster, wish.topic);
  if (!queues) return fail(queues.error());
  if (const auto broker = context.given("b")) {
    std::erase_if(*queues, [&](const client::QueueAt& at) { return at.queue.broker_name != *broker; });
    if (queues->empty())
      return fail(Errc::kNotFound, fmt::format("broker '{}' does not have topic '{}'", *broker, wish.topic));
  }
  std::int64_t left = wish.count;
  for (const client::QueueAt& at : *queues) {
    if (left <= 0) return {};
    auto range = bounds(context, at, wish);
    if (!range) return fail(range.error());
    if (range->last - range->first > left) {
      print(context.out, "The older {} message of the {} queue will be provided\n", left, at.queue.queue_id);
      range->last = range->first + left - 1;
      left = 0;
    } else {
      left -= range->last - range->first;
    }
    OGIVE_TRY(consume(context, at, wish, *range));
  }
  return {};
}

Status consume_queue(Context& context, const Wish& wish) {
  const auto queue_id = context.small_number("i", 0);
  if (!queue_id) return fail(queue_id.error());
  const auto offset = context.number("o", 0);
  if (!offset) return fail(offset.error());
  const auto at = readable_queue(context.cluster, wish.topic, wish.topic, context.text("b"), *queue_id);
  if (!at) return fail(at.error());
  auto range = bounds(context, *at, wish);
  if (!range) return fail(range.error());
  if (*offset > range->last) {
    print(context.out, "{} no matched msg, offset={}\n", queue_text(at->queue), *offset);
    return {};
  }
  range->first = std::max(range->first, *offset);
  if (range->last - range->first > wish.count) {
    print(context.out, "The oldler {} message will be provided\n", wish.count);
    range->last = range->first + wish.count - 1;
  }
  return consume(context, *at, wish, *range);
}

Status run(Context& context) {
  const auto wish = wish_of(context);
  if (!wish) return fail(wish.error());
  return context.has("i") ? consume_queue(context, *wish) : consume_all(context, *wish);
}

void options(settings::Options& options) {
  options.add(required("t", "topic", "Topic name"))
      .add(optional("b", "brokerName", "Broker name"))
      .add(optional("i", "queueId", "Queue Id"))
      .add(optional("o", "offset", "Queue offset"))
      .add(optional("g", "consumerGroup", "Consumer group name"))
      .add(optional("s", "beginTimestamp ", "Begin timestamp[currentTimeMillis|yyyy-MM-dd#HH:mm:ss:SSS]"))
      .add(optional("e", "endTimestamp ", "End timestamp[currentTimeMillis|yyyy-MM-dd#HH:mm:ss:SSS]"))
      .add(optional("c", "MessageNumber", "Number of message to be consumed"));
}

}  // namespace

Command consume_message() {
  return {"consumeMessage", "Consume message.", options, run};
}

}  // namespace ogive::admin
