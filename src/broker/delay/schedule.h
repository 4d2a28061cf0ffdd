#pragma once
// Delay levels: a delayed message waits in SCHEDULE_TOPIC_XXXX, one queue per level, with its real topic as a property.

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "broker/produce/append_lane.h"
#include "message/record.h"
#include "store/message_store.h"

namespace ogive::broker {

/// Reads messageDelayLevel ("1s 5s 10s 30s 1m … 2h"): the delay of each level in ms, level 1 first. kInvalidArgument
/// names the word that is no duration.
Result<std::vector<std::int64_t>> parse_delay_levels(std::string_view text);

/// Adds `fields` (with its real topic and queue id) to the schedule topic at `level`, at most the last one; between the
/// lane's begin() and commit().
void add_delayed(AppendLane& lane, store::MessageStore& store, const std::vector<std::int64_t>& delay_level_ms,
                 const message::RecordFields& fields, std::int32_t level);

}  // namespace ogive::broker
