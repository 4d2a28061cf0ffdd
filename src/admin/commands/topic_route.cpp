// topicRoute: where a topic is (105).
#include <algorithm>

#include "admin/commands/commands.h"
#include "admin/print.h"

namespace ogive::admin {
namespace {

constexpr std::string_view kRow = "{:<45} {:<32} {:<50} {:<10} {:<11} {:<5}\n";
constexpr std::size_t kRuleWidth = 158;

std::string addresses_text(const protocol::BrokerData& broker) {
  std::string text;
  for (const auto& [id, address] : broker.broker_addrs) {
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", id, address);
  }
  return "{" + text + "}";
}

void print_list(Context& context, protocol::TopicRouteData& route) {
  std::map<std::string, protocol::QueueData> queues;
  for (const auto& queue : route.queue_datas) queues[queue.broker_name] = queue;
  std::ranges::sort(route.broker_datas, {}, &protocol::BrokerData::broker_name);
  print(context.out, kRow, "#ClusterName", "#BrokerName", "#BrokerAddrs", "#ReadQueue", "#WriteQueue", "#Perm");
  std::int32_t read = 0;
  std::int32_t write = 0;
  for (const auto& broker : route.broker_datas) {
    const protocol::QueueData& queue = queues[broker.broker_name];
    read += queue.read_queue_nums;
    write += queue.write_queue_nums;
    print(context.out, kRow, broker.cluster, broker.broker_name, addresses_text(broker), queue.read_queue_nums,
          queue.write_queue_nums, queue.perm);
  }
  context.out << std::string(kRuleWidth, '-') << '\n';
  print(context.out, kRow, "Total:", queues.size(), "", read, write, "");
}

Status run(Context& context) {
  auto route = context.cluster.route(context.text("t"));
  if (!route) return fail(route.error());
  if (context.has("l")) {
    print_list(context, *route);
  } else {
    context.out << protocol::to_json(*route, {.pretty = true}) << '\n';
  }
  return {};
}

void options(settings::Options& options) {
  options.add(required("t", "topic", "topic name")).add(flag("l", "list", "Use list format to print data"));
}

}  // namespace

Command topic_route() {
  return {"topicRoute", "Examine topic route info.", options, run};
}

}  // namespace ogive::admin
