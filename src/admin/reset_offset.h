#pragma once
// Moving a group's progress in a topic to a point in time.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "admin/cluster.h"
#include "protocol/bodies/message_queue.h"

namespace ogive::admin {

/// The new offset of each queue.
using NewOffsets = std::map<protocol::MessageQueue, std::int64_t>;

/// Moves `group` in every queue of `topic` to `time_ms` (-1: to the end), by asking the brokers to do so and to tell
/// the consumers (222). Brokers that do not know that request, or know of no consumer, get the offsets one by one (29,
/// 30, 15). Without `force` a group only goes back, never forward, in that second case.
Result<NewOffsets> reset_offsets(Cluster& cluster, std::string_view topic, std::string_view group, std::int64_t time_ms,
                                 bool force);

/// Moves `group` in one queue to `offset`: commits it (15), and has the broker tell the consumers (222), so that those
/// who are online jump too. Brokers that do not know that request, or know of no consumer, only commit.
Status reset_queue(Cluster& cluster, std::string_view address, std::string_view group,
                   const protocol::MessageQueue& queue, std::int64_t offset, std::int64_t time_ms);

/// The offset of one queue at a time, or its end for -1 (29, 30).
Result<std::int64_t> offset_at(Cluster& cluster, std::string_view address, const protocol::MessageQueue& queue,
                               std::int64_t time_ms);
/// The bounds of a queue (31, 30).
Result<std::int64_t> min_offset(Cluster& cluster, std::string_view address, const protocol::MessageQueue& queue);
Result<std::int64_t> max_offset(Cluster& cluster, std::string_view address, const protocol::MessageQueue& queue);

}  // namespace ogive::admin
