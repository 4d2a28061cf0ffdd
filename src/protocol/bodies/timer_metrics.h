#pragma once
// JSON bodies. GET_TIMER_METRICS (61).
// How structs become JSON: protocol/json.h and docs/protocol/json.md.

#include "protocol/bodies/data_version.h"

namespace ogive::protocol {

/// Pending timers of a topic.
struct TimerMetric {
  std::int64_t count = 0;
  std::int64_t time_stamp = 0;
};
BOOST_DESCRIBE_STRUCT(TimerMetric, (), (count, time_stamp))

/// By topic.
struct TimerMetricsSerializeWrapper {
  std::map<std::string, TimerMetric> timing_count;
  DataVersion data_version;
};
BOOST_DESCRIBE_STRUCT(TimerMetricsSerializeWrapper, (), (timing_count, data_version))

}  // namespace ogive::protocol
