#pragma once
// JSON bodies. VIEW_BROKER_STATS_DATA (315).
// How structs become JSON: protocol/json.h and docs/protocol/json.md.

#include "protocol/json.h"

namespace ogive::protocol {

/// One period.
struct BrokerStatsItem {
  std::int64_t sum = 0;
  double tps = 0;
  double avgpt = 0;
};
BOOST_DESCRIBE_STRUCT(BrokerStatsItem, (), (sum, tps, avgpt))

/// The last minute, hour and day.
struct BrokerStatsData {
  BrokerStatsItem stats_minute;
  BrokerStatsItem stats_hour;
  BrokerStatsItem stats_day;
};
BOOST_DESCRIBE_STRUCT(BrokerStatsData, (), (stats_minute, stats_hour, stats_day))

}  // namespace ogive::protocol
