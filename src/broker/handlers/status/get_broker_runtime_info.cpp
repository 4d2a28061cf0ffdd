#include <fmt/core.h>

#include <cmath>

#include "broker/handlers/answers.h"
#include "broker/handlers/status/status_handlers.h"
#include "broker/topic/names.h"
#include "message/record.h"
#include "protocol/bodies/lists.h"
#include "store/queue/consume_queue.h"

namespace ogive::broker::handlers {
namespace {

using Table = std::map<std::string, std::string>;

/// As Java prints it.
std::string text_of(double value) {
  std::string text;
  protocol::JsonWriter(text).number(value);
  return text;
}

std::string human_readable(std::uint64_t bytes) {
  if (bytes < 1'024) return fmt::format("{} B", bytes);
  constexpr std::string_view kUnits = "KMGTPE";
  double value = static_cast<double>(bytes) / 1'024;
  std::size_t unit = 0;
  for (; value >= 1'024 && unit + 1 < kUnits.size(); ++unit) value /= 1'024;
  return fmt::format("{:.1f} {}iB", value, kUnits[unit]);
}

void add_rates(const Traffic& traffic, Table& table) {
  const Traffic::Rates rates[] = {traffic.rates(10), traffic.rates(60), traffic.rates(600)};
  const auto three = [&](auto rate) {
    return fmt::format("{} {} {}", text_of(rate(rates[0])), text_of(rate(rates[1])), text_of(rate(rates[2])));
  };
  table["putTps"] = three([](const auto& r) { return r.put; });
  table["getFoundTps"] = three([](const auto& r) { return r.found; });
  table["getMissTps"] = three([](const auto& r) { return r.missed; });
  table["getTotalTps"] = three([](const auto& r) { return r.found + r.missed; });
  table["getTransferredTps"] = three([](const auto& r) { return r.transferred; });
}

void add_counts(const Traffic& traffic, Table& table) {
  const DayCounts now = traffic.now(), today = traffic.this_morning(), yesterday = traffic.yesterday_morning();
  table["msgPutTotalTodayNow"] = std::to_string(now.puts);
  table["msgGetTotalTodayNow"] = std::to_string(now.gets);
  table["msgPutTotalTodayMorning"] = std::to_string(today.puts);
  table["msgGetTotalTodayMorning"] = std::to_string(today.gets);
  table["msgPutTotalYesterdayMorning"] = std::to_string(yesterday.puts);
  table["msgGetTotalYesterdayMorning"] = std::to_string(yesterday.gets);

  const TrafficTotals totals = traffic.totals();
  const auto puts = std::max<std::uint64_t>(totals.puts, 1);
  table["putMessageTimesTotal"] = std::to_string(puts);  // Never 0: tools divide by it.
  table["putMessageFailedTimes"] = std::to_string(totals.put_failures);
  table["putMessageSizeTotal"] = std::to_string(totals.put_bytes);
  table["putMessageAverageSize"] = text_of(static_cast<double>(totals.put_bytes) / static_cast<double>(puts));
  table["putMessageEntireTimeMax"] = std::to_string(totals.put_max_ms);
  table["getMessageEntireTimeMax"] = std::to_string(totals.get_max_ms);
  const auto recent = traffic.recent_latency();
  table["putLatency99"] = fmt::format("{:.2f}", latency_percentile(recent, 0.99));
  table["putLatency999"] = fmt::format("{:.2f}", latency_percentile(recent, 0.999));
  table["putMessageDistributeTime"] = latency_distribution(recent);
}

/// Used part of the file system that holds `path`, rounded up to a hundredth; -1 where it cannot be told.
double used_ratio(io::FileSystem& files, const std::string& path) {
  const auto space = files.space(path);
  if (!space || space->total_bytes == 0) return -1;
  const auto used = static_cast<double>(space->total_bytes - space->free_bytes);
  return std::ceil(used * 100 / static_cast<double>(space->total_bytes)) / 100;
}

void add_disk(const StatusPorts& ports, Table& table) {
  const std::string root = ports.settings.get_string("storePathRootDir");
  std::string log = ports.settings.get_string("storePathCommitLog");
  if (log.empty()) log = root + "/commitlog";
  const std::string log_ratio = text_of(used_ratio(ports.files, log));
  table["commitLogDiskRatio"] = log_ratio;
  table["commitLogDiskRatio_" + log] = log_ratio;
  table["consumeQueueDiskRatio"] = text_of(used_ratio(ports.files, root));
  if (const auto space = ports.files.space(root)) {
    table["commitLogDirCapacity"] =
        fmt::format("Total : {}, Free : {}.", human_readable(space->total_bytes), human_readable(space->free_bytes));
  }
}

/// When the log's first record was stored, -1 for an empty log.
std::int64_t earliest_store_time(store::MessageStore& store) {
  const auto first = store.read_record(store.min_physical_offset());
  if (!first) return -1;
  const auto record = message::decode_record(*first);
  return record ? record->store_timestamp_ms : -1;
}

void add_store(const StatusPorts& ports, Table& table) {
  const auto appended = ports.store.appended().value().value();
  const auto flushed = ports.store.flushed().value().value();
  table["commitLogMinOffset"] = std::to_string(ports.store.min_physical_offset().value());
  table["commitLogMaxOffset"] = std::to_string(ports.store.max_physical_offset().value());
  table["remainHowManyDataToFlush"] =
      human_readable(static_cast<std::uint64_t>(std::max<std::int64_t>(appended - flushed, 0)));
  // Only when there is something to say.
  if (const auto failure = ports.store.failure()) table["storeFailure"] = failure->message();
  if (const auto refusal = ports.store.refusal()) table["storeRefusal"] = refusal->message();
  table["earliestMessageTimeStamp"] = std::to_string(earliest_store_time(ports.store));
  // Queue entries are made with the record, nothing holds a lock across a write, and there is no pool of buffers.
  table["dispatchBehindBytes"] = "0";
  table["dispatchMaxBuffer"] = "0";
  table["pageCacheLockTimeMills"] = "0";
  table["remainTransientStoreBufferNumbs"] = "2147483647";
  for (std::size_t level = 1; level <= ports.delay.delay_level_ms().size(); ++level) {
    const auto* queue = ports.store.find_queue(system_topic::kSchedule, QueueId(static_cast<std::int32_t>(level - 1)));
    if (queue == nullptr || queue->max_offset().value() == 0) continue;
    table[fmt::format("scheduleMessageOffset_{}", level)] =
        fmt::format("{},{}", ports.delay.offset(level), queue->max_offset().value());
  }
}

/// A number that is only shown.
std::string as_configured(const settings::Settings& settings, std::string_view key) {
  return std::to_string(settings.get_int(key));
}

/// Requests do not wait in queues here: what cannot be read yet stays with its sender.
void add_pools(const settings::Settings& settings, Table& table) {
  for (const std::string pool : {"send", "pull", "litePull", "query", "ack"}) {
    table[pool + "ThreadPoolQueueSize"] = "0";
    table[pool + "ThreadPoolQueueHeadWaitTimeMills"] = "0";
    table[pool + "ThreadPoolQueueCapacity"] = as_configured(settings, pool + "ThreadPoolQueueCapacity");
  }
  table["EndTransactionQueueSize"] = "0";
  table["EndTransactionThreadPoolQueueCapacity"] = as_configured(settings, "endTransactionPoolQueueCapacity");
  table["startAcceptSendRequestTimeStamp"] = as_configured(settings, "startAcceptSendRequestTimeStamp");
  for (const auto* key : {"timerReadBehind", "timerOffsetBehind", "timerCongestNum"}) table[key] = "0";
  for (const auto* key : {"timerEnqueueTps", "timerDequeueTps"}) table[key] = "0.0";
}

Message answer(const StatusPorts& ports, const BrokerIdentity& identity) {
  protocol::KVTable body;
  body.table["brokerActive"] = "true";
  body.table["brokerVersionDesc"] = "V5_5_0";
  body.table["bootTimestamp"] = std::to_string(identity.started_ms);
  const std::int64_t seconds = (ports.clock.wall_ms() - identity.started_ms) / 1'000;
  body.table["runtime"] = fmt::format("[ {} days, {} hours, {} minutes, {} seconds ]", seconds / 86'400,
                                      seconds / 3'600 % 24, seconds / 60 % 60, seconds % 60);
  add_rates(ports.traffic, body.table);
  add_counts(ports.traffic, body.table);
  add_disk(ports, body.table);
  add_store(ports, body.table);
  add_pools(ports.settings, body.table);
  return success(protocol::to_json(body));
}

}  // namespace

HandlerRow get_broker_runtime_info(const StatusPorts& ports, const BrokerIdentity& identity) {
  return {request_code::kGetBrokerRuntimeInfo,
          "GET_BROKER_RUNTIME_INFO",
          Lane::kBlocking,
          Answer([ports, &identity](const Request&) { return answer(ports, identity); }),
          "operators",
          "figures of the whole broker"};
}

}  // namespace ogive::broker::handlers
