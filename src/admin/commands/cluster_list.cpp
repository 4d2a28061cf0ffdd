// clusterList: every broker and its figures (106, 28).
#include "admin/commands/commands.h"
#include "admin/print.h"
#include "admin/text.h"
#include "protocol/bodies/lists.h"
#include "protocol/codes.h"

namespace ogive::admin {
namespace {

/// A broker as a line of the table.
struct Row {
  std::string cluster;
  std::string broker;
  std::int64_t id = 0;
  std::string address;
  std::map<std::string, std::string> figures;

  std::string figure(const std::string& name, std::string_view otherwise = "") const {
    const auto found = figures.find(name);
    return found == figures.end() ? std::string(otherwise) : found->second;
  }
  std::int64_t count(const std::string& name) const { return leading_integer(figure(name)); }
};

void print_totals(Context& context, const Row& row) {
  print(context.out, "{:<16}  {:<32} {:>14} {:>14} {:>14} {:>14}\n", row.cluster, row.broker,
        row.count("msgPutTotalTodayMorning") - row.count("msgPutTotalYesterdayMorning"),
        row.count("msgGetTotalTodayMorning") - row.count("msgGetTotalYesterdayMorning"),
        row.count("msgPutTotalTodayNow") - row.count("msgPutTotalTodayMorning"),
        row.count("msgGetTotalTodayNow") - row.count("msgGetTotalTodayMorning"));
}

void print_load(Context& context, const Row& row) {
  const std::string in =
      fmt::format("{:9.2f}({},{}ms)", leading_double(row.figure("putTps")), row.figure("sendThreadPoolQueueSize"),
                  row.figure("sendThreadPoolQueueHeadWaitTimeMills"));
  const std::string out =
      fmt::format("{:9.2f}({},{}ms|{},{}ms)", leading_double(row.figure("getTransferredTps")),
                  row.figure("pullThreadPoolQueueSize"), row.figure("pullThreadPoolQueueHeadWaitTimeMills"),
                  row.figure("ackThreadPoolQueueSize", "N"), row.figure("ackThreadPoolQueueHeadWaitTimeMills", "N"));
  const std::string timer =
      fmt::format("{}-{}({:.1f}w, {:.1f}, {:.1f})", row.count("timerReadBehind"), row.count("timerOffsetBehind"),
                  static_cast<double>(row.count("timerCongestNum")) / 10000.0,
                  leading_double(row.figure("timerEnqueueTps")), leading_double(row.figure("timerDequeueTps")));
  double hours = 0;
  if (row.count("earliestMessageTimeStamp") > 0) {
    hours = static_cast<double>(context.cluster.now_ms() - row.count("earliestMessageTimeStamp")) / 3'600'000.0;
  }
  print(context.out, "{:<22}  {:<22}  {:<4}  {:<22} {:<16}  {:>16}  {:>30}  {:<22}  {:>11}  {:<12}  {:<8}  {:>10}\n",
        row.cluster, row.broker, row.id, row.address, row.figure("brokerVersionDesc"), in, out, timer,
        row.figure("pageCacheLockTimeMills"), fmt::format("{:2.2f}", hours),
        fmt::format("{:.4f}", leading_double(row.figure("commitLogDiskRatio"))), row.figure("brokerActive", "false"));
}

void print_head(Context& context, bool totals) {
  if (totals) {
    print(context.out, "{:<16}  {:<32} {:>14} {:>14} {:>14} {:>14}\n", "#Cluster Name", "#Broker Name", "#InTotalYest",
          "#OutTotalYest", "#InTotalToday", "#OutTotalToday");
    return;
  }
  print(context.out, "{:<22}  {:<22}  {:<4}  {:<22} {:<16}  {:>16}  {:>30}  {:<22}  {:<11}  {:<12}  {:<8}  {:<10}\n",
        "#Cluster Name", "#Broker Name", "#BID", "#Addr", "#Version", "#InTPS(LOAD)", "#OutTPS(LOAD)",
        "#Timer(Progress)", "#PCWait(ms)", "#Hour", "#SPACE", "#ACTIVATED");
}

void print_cluster(Context& context, const protocol::ClusterInfo& info, const std::string& cluster, bool totals) {
  const auto names = info.cluster_addr_table.find(cluster);
  if (names == info.cluster_addr_table.end()) return;
  for (const std::string& name : names->second) {
    const auto broker = info.broker_addr_table.find(name);
    if (broker == info.broker_addr_table.end()) continue;
    for (const auto& [id, address] : broker->second.broker_addrs) {
      Row row{cluster, name, id, address, {}};
      auto figures = context.cluster.ask_json<protocol::KVTable>(
          address, remoting::Message(protocol::request_code::kGetBrokerRuntimeInfo));
      if (figures) {
        row.figures = std::move(figures->table);
      } else {
        context.report(figures.error());
      }
      totals ? print_totals(context, row) : print_load(context, row);
    }
  }
}

Status print_once(Context& context) {
  const auto info = context.cluster.info();
  if (!info) return fail(info.error());
  const bool totals = context.has("m");
  print_head(context, totals);
  if (const auto cluster = context.given("c")) {
    print_cluster(context, *info, *cluster, totals);
  } else {
    for (const auto& [name, brokers] : info->cluster_addr_table) print_cluster(context, *info, name, totals);
  }
  return {};
}

Status run(Context& context) {
  return repeat_by_interval(context, "i", print_once);
}

void options(settings::Options& options) {
  options.add(flag("m", "moreStats", "Print more stats"))
      .add(optional("i", "interval", "specify intervals numbers, it is in seconds"))
      .add(optional("c", "clusterName", "which cluster"));
}

}  // namespace

Command cluster_list() {
  return {"clusterList", "List cluster infos.", options, run};
}

}  // namespace ogive::admin
