// topicStatus: bounds of a topic's queues (202).
#include "admin/brokers.h"
#include "admin/commands/commands.h"
#include "admin/print.h"
#include "admin/text.h"
#include "admin/topics.h"
#include "protocol/codes.h"
#include "protocol/headers/topic.h"

namespace ogive::admin {
namespace {

/// The topic's figures on the brokers of another topic (-c), for topics without a route.
Result<protocol::TopicStatsTable> stats_by_route_of(Context& context, std::string_view route_topic,
                                                    std::string_view topic) {
  const auto addresses = topic_addresses(context.cluster, route_topic);
  if (!addresses) return fail(addresses.error());
  protocol::TopicStatsTable all;
  for (const std::string& address : *addresses) {
    auto stats = context.cluster.ask_json<protocol::TopicStatsTable>(
        address, client::make_request(protocol::request_code::kGetTopicStatsInfo,
                                      protocol::GetTopicStatsInfoRequestHeader{topic}));
    if (!stats) return fail(stats.error());
    all.offset_table.merge(stats->offset_table);
  }
  return all;
}

Status run(Context& context) {
  const std::string topic = context.text("t");
  const auto stats =
      context.has("c") ? stats_by_route_of(context, context.text("c"), topic) : topic_stats(context.cluster, topic);
  if (!stats) return fail(stats.error());
  print(context.out, "{:<32}  {:<4}  {:<20}  {:<20}    {}\n", "#Broker Name", "#QID", "#Min Offset", "#Max Offset",
        "#Last Updated");
  for (const auto& [queue, offsets] : stats->offset_table) {
    print(context.out, "{:<32}  {:<4}  {:<20}  {:<20}    {}\n", front(queue.broker_name, 32), queue.queue_id,
          offsets.min_offset, offsets.max_offset,
          offsets.last_update_timestamp > 0 ? time_with_ms(offsets.last_update_timestamp) : "");
  }
  print(context.out, "\nTopic Put TPS: {}\n", java_double(stats->topic_put_tps));
  return {};
}

void options(settings::Options& options) {
  options.add(required("t", "topic", "topic name"))
      .add(optional("c", "cluster", "cluster name or lmq parent topic, lmq is used to find the route."));
}

}  // namespace

Command topic_status() {
  return {"topicStatus", "Examine topic Status info.", options, run};
}

}  // namespace ogive::admin
