#include <fmt/core.h>

#include "broker/handlers/answers.h"
#include "broker/handlers/status/status_handlers.h"
#include "protocol/bodies/broker_stats.h"
#include "protocol/headers/admin.h"

namespace ogive::broker::handlers {
namespace {

protocol::BrokerStatsItem item_of(const Period& period) {
  return {.sum = period.sum, .tps = period.tps, .avgpt = period.average};
}

Message answer(const Traffic& traffic, const protocol::ViewBrokerStatsDataRequestHeader& header) {
  const auto figures = traffic.find(header.stats_name, header.stats_key);
  if (!figures) {
    return Message(code::kSystemError,
                   fmt::format("The stats <{}> <{}> not exist", header.stats_name, header.stats_key));
  }
  protocol::BrokerStatsData body;
  body.stats_minute = item_of(figures->minute);
  body.stats_hour = item_of(figures->hour);
  body.stats_day = item_of(figures->day);
  return success(protocol::to_json(body));
}

}  // namespace

HandlerRow view_broker_stats_data(const Traffic& traffic) {
  return {request_code::kViewBrokerStatsData,
          "VIEW_BROKER_STATS_DATA",
          Lane::kBlocking,
          with_header<protocol::ViewBrokerStatsDataRequestHeader>(
              [&traffic](const auto& header, const Request&) { return answer(traffic, header); }),
          "operators",
          "sum, rate and average of a counter in the last minute, hour and day; 1 for what never counted"};
}

}  // namespace ogive::broker::handlers
