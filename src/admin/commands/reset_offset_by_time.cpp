// resetOffsetByTime: moves a group to a point in time (222, or 29, 15 and 222 for one queue).
#include "admin/commands/commands.h"
#include "admin/groups.h"
#include "admin/hash_order.h"
#include "admin/print.h"
#include "admin/reset_offset.h"
#include "admin/text.h"

namespace ogive::admin {
namespace {

/// What the options say.
struct Wish {
  std::string group;
  std::string topic;
  std::string time_text;
  std::int64_t time_ms = 0;
};

Status reset_one_queue(Context& context, const Wish& wish, std::int32_t queue_id) {
  const std::string address = context.text("b");
  print(context.out,
        "start reset consumer offset by specified, group[{}], topic[{}], queueId[{}], broker[{}], "
        "timestamp(string)[{}], timestamp(long)[{}]\n",
        wish.group, wish.topic, queue_id, address, wish.time_text, wish.time_ms);
  const protocol::MessageQueue queue{wish.topic, "", queue_id};
  auto offset = context.number("o", 0);
  if (offset && !context.has("o")) offset = offset_at(context.cluster, address, queue, wish.time_ms);
  if (!offset) return fail(offset.error());
  print(context.out, "reset consumer offset to {}\n", *offset);
  return reset_queue(context.cluster, address, wish.group, queue, *offset, wish.time_ms);
}

Status reset_topic(Context& context, const Wish& wish) {
  const bool force = context.has("f") ? context.is_true("f") : true;
  const auto offsets = reset_offsets(context.cluster, wish.topic, wish.group, wish.time_ms, force);
  if (!offsets) return fail(offsets.error());
  print(context.out,
        "start reset consumer offset by specified, group[{}], topic[{}], force[{}], timestamp(string)[{}], "
        "timestamp(long)[{}]\n{:<40}  {:<40}  {:<40}\n",
        wish.group, wish.topic, force, wish.time_text, wish.time_ms, "#brokerName", "#queueId", "#offset");
  for (const auto& [queue, offset] : in_java_order(*offsets, &NewOffsets::value_type::first)) {
    print(context.out, "{:<40}  {:<40}  {:<40}\n", front(queue.broker_name, 32), queue.queue_id, offset);
  }
  return {};
}

Status run(Context& context) {
  Wish wish{context.text("g"), context.text("t"), context.text("s"), context.cluster.now_ms()};
  if (wish.time_text != "now") {
    const auto time = parse_time(wish.time_text);
    if (!time) return fail(time.error());
    wish.time_ms = *time;
  }
  const auto queue = context.small_number("q", -1);
  if (!queue) return fail(queue.error());
  return context.has("b") && *queue >= 0 ? reset_one_queue(context, wish, *queue) : reset_topic(context, wish);
}

void options(settings::Options& options) {
  options.add(required("g", "group", "set the consumer group"))
      .add(required("t", "topic", "set the topic"))
      .add(required("s", "timestamp", "set the timestamp[now|currentTimeMillis|yyyy-MM-dd#HH:mm:ss:SSS]"))
      .add(optional("f", "force", "set the force rollback by timestamp switch[true|false]. Deprecated."))
      .add(optional("b", "broker", "broker addr"))
      .add(optional("q", "queue", "queue id"))
      .add(optional("o", "offset", "Expect queue offset, not support old version broker"))
      .add(optional("c", "cluster", "Cluster name or lmq parent topic, lmq is used to find the route."));
}

}  // namespace

Command reset_offset_by_time() {
  return {"resetOffsetByTime", "Reset consumer offset by timestamp(without client restart).", options, run};
}

}  // namespace ogive::admin
