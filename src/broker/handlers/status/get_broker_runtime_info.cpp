#include <fmt/core.h>

#include "broker/handlers/answers.h"
#include "broker/handlers/status/status_handlers.h"
#include "protocol/bodies/lists.h"
#include "store/message_store.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const StatusPorts& ports, const Request&) {
  protocol::KVTable body;
  auto& table = body.table;
  table["brokerActive"] = "true";
  table["bootTimestamp"] = std::to_string(ports.boot_timestamp_ms);
  table["brokerVersionDesc"] = "V5_5_0";
  table["brokerVersion"] = std::to_string(protocol::kOwnVersion);
  table["commitLogMinOffset"] = std::to_string(ports.store.min_physical_offset().value());
  table["commitLogMaxOffset"] = std::to_string(ports.store.max_physical_offset().value());
  table["remainHowManyDataToFlush"] =
      fmt::format("{} B", ports.store.appended().value() - ports.store.flushed().value());
  // Only when there is something to say.
  if (const auto failure = ports.store.failure()) table["storeFailure"] = failure->message();
  if (const auto refusal = ports.store.refusal()) table["storeRefusal"] = refusal->message();
  for (const auto* key : {"putTps", "getFoundTps", "getMissTps", "getTotalTps", "getTransferredTps"}) {
    table[key] = "0.0 0.0 0.0";
  }
  for (const auto* key :
       {"msgPutTotalYesterdayMorning", "msgPutTotalTodayMorning", "msgPutTotalTodayNow", "msgGetTotalYesterdayMorning",
        "msgGetTotalTodayMorning", "msgGetTotalTodayNow", "dispatchBehindBytes", "sendThreadPoolQueueSize",
        "pullThreadPoolQueueSize", "sendThreadPoolQueueHeadWaitTimeMills", "pullThreadPoolQueueHeadWaitTimeMills",
        "pageCacheLockTimeMills", "earliestMessageTimeStamp"}) {
    table.emplace(key, "0");
  }
  return success(protocol::to_json(body));
}

}  // namespace

HandlerRow get_broker_runtime_info(const StatusPorts& ports) {
  return {request_code::kGetBrokerRuntimeInfo,
          "GET_BROKER_RUNTIME_INFO",
          Lane::kBlocking,
          Answer([ports](const Request& request) { return answer(ports, request); }),
          "operators",
          "figures of the whole broker"};
}

}  // namespace ogive::broker::handlers
