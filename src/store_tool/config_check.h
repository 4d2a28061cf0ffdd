#pragma once
// Whether the broker's metadata files can be read, and whether the positions in them lie within the queues.

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "store_tool/report.h"
#include "store_tool/store_view.h"

namespace ogive::store_tool {

/// First and one-past-last offset of each queue, as files and log have them.
struct QueueBounds {
  std::int64_t min = 0;
  std::int64_t max = 0;
};
using BoundsByQueue = std::map<std::pair<std::string, std::int32_t>, QueueBounds>;

/// Everything in root/config: topics, groups, consumers' and delay levels' positions, and whatever other JSON is there.
void check_configuration(StoreView& view, const BoundsByQueue& queues, Report& report);

}  // namespace ogive::store_tool
