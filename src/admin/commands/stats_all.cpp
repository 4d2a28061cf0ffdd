// statsAll: rates and backlog of topics and groups (206, 300, 315, 208).
#include "admin/commands/commands.h"
#include "admin/groups.h"
#include "admin/hash_order.h"
#include "admin/print.h"
#include "admin/text.h"
#include "admin/topics.h"
#include "client/route.h"
#include "protocol/bodies/broker_stats.h"
#include "protocol/codes.h"
#include "protocol/headers/admin.h"

namespace ogive::admin {
namespace {

/// One figure, summed over the brokers of a topic.
struct Rate {
  double per_second = 0;
  std::int64_t day = 0;
};

std::int64_t messages_of_day(const protocol::BrokerStatsData& data) {
  if (data.stats_day.sum != 0) return data.stats_day.sum;
  return data.stats_hour.sum != 0 ? data.stats_hour.sum : data.stats_minute.sum;
}

Rate rate_of(Context& context, const protocol::TopicRouteData& route, std::string_view name, const std::string& key) {
  Rate rate;
  for (const auto& broker : route.broker_datas) {
    const auto address = client::master_of(broker);
    if (!address) continue;
    // A broker without the figure refuses: that counts as none, as in the original.
    const auto data = context.cluster.ask_json<protocol::BrokerStatsData>(
        *address, client::make_request(protocol::request_code::kViewBrokerStatsData,
                                       protocol::ViewBrokerStatsDataRequestHeader{name, key}));
    if (!data) continue;
    rate.per_second += data->stats_minute.tps;
    rate.day += messages_of_day(*data);
  }
  return rate;
}

std::int64_t backlog(Context& context, const std::string& group, const std::string& topic) {
  const auto stats = consume_stats(context.cluster, group, topic);
  std::int64_t behind = 0;
  if (!stats) return 0;
  for (const auto& [queue, offsets] : stats->offset_table) behind += offsets.broker_offset - offsets.consumer_offset;
  return std::max<std::int64_t>(behind, 0);
}

void print_topic(Context& context, const std::string& topic) {
  const auto route = context.cluster.route(topic);
  const auto groups = groups_of_topic(context.cluster, topic);
  if (!route || !groups) return;
  const bool only_active = context.has("a");
  const Rate in = rate_of(context, *route, "TOPIC_PUT_NUMS", topic);
  if (groups->empty() && (!only_active || in.day > 0)) {
    print(context.out, "{:<64}  {:<64} {:>12} {:>11.2f} {:>11} {:>14} {:>14}\n", front(topic, 64), "", 0, in.per_second,
          "", in.day, "NO_CONSUMER");
  }
  for (const std::string& group : in_java_order(*groups)) {
    const Rate out = rate_of(context, *route, "GROUP_GET_NUMS", topic + "@" + group);
    if (only_active && in.day <= 0 && out.day <= 0) continue;
    print(context.out, "{:<64}  {:<64} {:>12} {:>11.2f} {:>11.2f} {:>14} {:>14}\n", front(topic, 64), front(group, 64),
          backlog(context, group, topic), in.per_second, out.per_second, in.day, out.day);
  }
}

Status run(Context& context) {
  const auto topics = all_topics(context.cluster);
  if (!topics) return fail(topics.error());
  print(context.out, "{:<64}  {:<64} {:>12} {:>11} {:>11} {:>14} {:>14}\n", "#Topic", "#Consumer Group",
        "#Accumulation", "#InTPS", "#OutTPS", "#InMsg24Hour", "#OutMsg24Hour");
  const std::string only = context.text("t");
  for (const std::string& topic : *topics) {
    if (topic.starts_with("%RETRY%") || topic.starts_with("%DLQ%")) continue;
    if (only.empty() || only == topic) print_topic(context, topic);
  }
  return {};
}

void options(settings::Options& options) {
  options.add(flag("a", "activeTopic", "print active topic only"))
      .add(optional("t", "topic", "print select topic only"));
}

}  // namespace

Command stats_all() {
  return {"statsAll", "Topic and Consumer tps stats.", options, run};
}

}  // namespace ogive::admin
