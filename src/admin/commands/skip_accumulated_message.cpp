// skipAccumulatedMessage: moves a group to the end of every queue (222).
#include "admin/commands/commands.h"
#include "admin/hash_order.h"
#include "admin/print.h"
#include "admin/reset_offset.h"
#include "admin/text.h"

namespace ogive::admin {
namespace {

constexpr std::int64_t kEnd = -1;

Status run(Context& context) {
  const bool force = context.has("f") ? context.is_true("f") : true;
  const auto offsets = reset_offsets(context.cluster, context.text("t"), context.text("g"), kEnd, force);
  if (!offsets) return fail(offsets.error());
  print(context.out, "{:<40}  {:<40}  {:<40}\n", "#brokerName", "#queueId", "#offset");
  for (const auto& [queue, offset] : in_java_order(*offsets, &NewOffsets::value_type::first)) {
    print(context.out, "{:<40}  {:<40}  {:<40}\n", front(queue.broker_name, 32), queue.queue_id, offset);
  }
  return {};
}

void options(settings::Options& options) {
  options.add(required("g", "group", "set the consumer group"))
      .add(required("t", "topic", "set the topic"))
      .add(optional("f", "force", "set the force rollback by timestamp switch[true|false]"))
      .add(optional("c", "cluster", "Cluster name or lmq parent topic, lmq is used to find the route."));
}

}  // namespace

Command skip_accumulated_message() {
  return {"skipAccumulatedMessage", "Skip all messages that are accumulated (not consumed) currently.", options, run};
}

}  // namespace ogive::admin
