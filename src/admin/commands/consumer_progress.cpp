// consumerProgress: how far groups are (206, 208, 203, 307).
#include <algorithm>

#include "admin/brokers.h"
#include "admin/commands/commands.h"
#include "admin/groups.h"
#include "admin/print.h"
#include "admin/text.h"
#include "admin/topics.h"
#include "protocol/bodies/running_info.h"
#include "protocol/codes.h"
#include "protocol/headers/client.h"
#include "protocol/version_name.h"

namespace ogive::admin {
namespace {

/// Which client has which queue, as the clients say (307).
std::map<protocol::MessageQueue, std::string> owners(Context& context, const std::string& group) {
  std::map<protocol::MessageQueue, std::string> owner;
  const auto addresses = topic_addresses(context.cluster, retry_topic_of(group));
  const auto connection = consumer_connections(context.cluster, group);
  if (!addresses || !connection) return owner;
  for (const protocol::Connection& client : connection->connection_set) {
    const auto info = context.cluster.ask_json<protocol::ConsumerRunningInfo>(
        addresses->front(),
        client::make_request(protocol::request_code::kGetConsumerRunningInfo,
                             protocol::GetConsumerRunningInfoRequestHeader{group, client.client_id, false}));
    if (!info) continue;
    const std::string ip = client.client_id.substr(0, client.client_id.find('@'));
    for (const auto& [queue, state] : info->mq_table) owner[queue] = ip;
  }
  return owner;
}

void print_queue(Context& context, const protocol::MessageQueue& queue, const protocol::OffsetWrapper& offsets,
                 const std::string* owner) {
  print(context.out, "{:<64}  {:<32}  {:<4}  {:<20}  {:<20}  ", front(queue.topic, 64), front(queue.broker_name, 32),
        queue.queue_id, offsets.broker_offset, offsets.consumer_offset);
  if (owner != nullptr) print(context.out, "{:<20} ", *owner);
  print(context.out, "{:<20} {:<20} {}\n", offsets.broker_offset - offsets.consumer_offset,
        offsets.pull_offset - offsets.consumer_offset,
        offsets.last_timestamp == 0 ? "N/A" : time_to_second(offsets.last_timestamp));
}

Status print_group(Context& context, const std::string& group) {
  const auto stats = consume_stats(context.cluster, group, context.text("t"));
  if (!stats) return fail(stats.error());
  const bool with_owner = context.is_true("s");
  const auto owner = with_owner ? owners(context, group) : std::map<protocol::MessageQueue, std::string>{};
  print(context.out, "{:<64}  {:<32}  {:<4}  {:<20}  {:<20}  ", "#Topic", "#Broker Name", "#QID", "#Broker Offset",
        "#Consumer Offset");
  if (with_owner) print(context.out, "{:<20} ", "#Client IP");
  print(context.out, "{:<20} {:<20}{}\n", "#Diff", "#Inflight", "#LastTime");
  std::int64_t behind = 0;
  std::int64_t in_flight = 0;
  const std::string nobody = "N/A";
  for (const auto& [queue, offsets] : stats->offset_table) {
    behind += offsets.broker_offset - offsets.consumer_offset;
    in_flight += offsets.pull_offset - offsets.consumer_offset;
    const auto found = owner.find(queue);
    print_queue(context, queue, offsets, with_owner ? (found == owner.end() ? &nobody : &found->second) : nullptr);
  }
  print(context.out, "\nConsume TPS: {:.2f}\nConsume Diff Total: {}\nConsume Inflight Total: {}\n", stats->consume_tps,
        behind, in_flight);
  return {};
}

void print_summary(Context& context, const std::string& group) {
  std::int64_t behind = 0;
  std::int64_t tps = 0;
  if (const auto stats = consume_stats(context.cluster, group)) {
    tps = static_cast<std::int64_t>(stats->consume_tps);
    for (const auto& [queue, offsets] : stats->offset_table) behind += offsets.broker_offset - offsets.consumer_offset;
  }
  std::string version = "OFFLINE";
  std::string type;
  std::string model;
  std::size_t count = 0;
  if (const auto connection = consumer_connections(context.cluster, group);
      connection && !connection->connection_set.empty()) {
    const auto& clients = connection->connection_set;
    count = clients.size();
    version = protocol::version_name(std::ranges::min(clients, {}, &protocol::Connection::version).version);
    type = connection->consume_type == protocol::ConsumeType::kActively ? "PULL" : "PUSH";
    if (connection->consume_type == protocol::ConsumeType::kPassively) {
      model = protocol::enum_name(connection->message_model);
    }
  }
  print(context.out, "{:<64}  {:<6}  {:<24} {:<5}  {:<14}  {:<7}  {}\n", front(group, 64), count, version, type, model,
        tps, behind);
}

Status run(Context& context) {
  if (const auto group = context.given("g")) return print_group(context, *group);
  print(context.out, "{:<64}  {:<6}  {:<24} {:<5}  {:<14}  {:<7}  {}\n", "#Group", "#Count", "#Version", "#Type",
        "#Model", "#TPS", "#Diff Total");
  const auto topics = all_topics(context.cluster);
  if (!topics) return fail(topics.error());
  constexpr std::string_view kRetry = "%RETRY%";
  for (const std::string& topic : *topics) {
    if (topic.starts_with(kRetry)) print_summary(context, topic.substr(kRetry.size()));
  }
  return {};
}

void options(settings::Options& options) {
  options.add(optional("g", "groupName", "consumer group name"))
      .add(optional("t", "topicName", "topic name"))
      .add(optional("s", "showClientIP", "Show Client IP per Queue"))
      .add(optional("c", "cluster", "Cluster name or lmq parent topic, lmq is used to find the route."));
}

}  // namespace

Command consumer_progress() {
  return {"consumerProgress", "Query consumer's progress, speed.", options, run};
}

}  // namespace ogive::admin
