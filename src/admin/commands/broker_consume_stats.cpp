// brokerConsumeStats: the progress of every group of a broker (317).
#include "admin/commands/commands.h"
#include "admin/print.h"
#include "admin/text.h"
#include "protocol/bodies/offsets.h"
#include "protocol/codes.h"
#include "protocol/headers/admin.h"

namespace ogive::admin {
namespace {

constexpr std::int64_t kTimeoutMs = 50'000;

void print_queue(Context& context, const std::string& group, const protocol::MessageQueue& queue,
                 const protocol::OffsetWrapper& offsets) {
  print(context.out, "{:<64}  {:<64}  {:<32}  {:<4}  {:<20}  {:<20}  {:<20}  {}\n", front(queue.topic, 64), group,
        front(queue.broker_name, 32), queue.queue_id, offsets.broker_offset, offsets.consumer_offset,
        offsets.broker_offset - offsets.consumer_offset, time_to_second(offsets.last_timestamp));
}

Status run(Context& context) {
  const auto level = context.number("l", 0);
  if (!level) return fail(level.error());
  const auto timeout = context.number("t", kTimeoutMs);
  if (!timeout) return fail(timeout.error());
  const auto stats = context.cluster.ask_json<protocol::ConsumeStatsList>(
      context.text("b"),
      client::make_request(protocol::request_code::kGetBrokerConsumeStats,
                           protocol::GetConsumeStatsInBrokerHeader{context.is_true("o")}),
      Milliseconds(*timeout));
  if (!stats) return fail(stats.error());
  print(context.out, "{:<64}  {:<64}  {:<32}  {:<4}  {:<20}  {:<20}  {:<20}  {}\n", "#Topic", "#Group", "#Broker Name",
        "#QID", "#Broker Offset", "#Consumer Offset", "#Diff", "#LastTime");
  for (const auto& groups : stats->consume_stats_list) {
    for (const auto& [group, tables] : groups) {
      for (const protocol::ConsumeStats& table : tables) {
        for (const auto& [queue, offsets] : table.offset_table) {
          // Queues a group never read from are left out.
          if (offsets.last_timestamp <= 0) continue;
          if (offsets.broker_offset - offsets.consumer_offset >= *level) print_queue(context, group, queue, offsets);
        }
      }
    }
  }
  print(context.out, "\nDiff Total: {}\n", stats->total_diff);
  return {};
}

void options(settings::Options& options) {
  options.add(required("b", "brokerAddr", "Broker address"))
      .add(optional("t", "timeoutMillis", "request timeout Millis"))
      .add(optional("l", "level", "threshold of print diff"))
      .add(optional("o", "order", "order topic"));
}

}  // namespace

Command broker_consume_stats() {
  return {"brokerConsumeStats", "Fetch broker consume stats data.", options, run};
}

}  // namespace ogive::admin
