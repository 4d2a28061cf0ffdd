#pragma once
// Where a group is to go on reading: by time, by offset, or at the end. INVOKE_BROKER_TO_RESET_OFFSET (222).

#include <cstdint>
#include <map>
#include <string_view>

#include "broker/offset/offset_table.h"
#include "protocol/bodies/topic_config.h"
#include "store/message_store.h"

namespace ogive::broker {

/// Thread-safe; blocking (looks times up in the store). Table and store outlive it.
class OffsetReset {
 public:
  OffsetReset(OffsetTable& offsets, store::MessageStore& store) : offsets_(offsets), store_(store) {}

  /// Offsets by queue.
  using Plan = std::map<std::int32_t, std::int64_t>;

  /// The first messages stored at or after `timestamp_ms` in `queue`, or in all queues that can be read when it is
  /// negative. A negative time means the end of each queue.
  Result<Plan> by_time(const protocol::TopicConfig& topic, std::int32_t queue, std::int64_t timestamp_ms) const;
  /// kInvalidArgument when `offset` is outside the queue.
  Result<Plan> to_offset(const protocol::TopicConfig& topic, std::int32_t queue, std::int64_t offset) const;
  /// As by_time for all queues, but never further on than the group is, unless `forward_too`. kNotFound when the group
  /// has no offset on one of the queues.
  Result<Plan> for_clients(std::string_view group, const protocol::TopicConfig& topic, std::int64_t timestamp_ms,
                           bool forward_too) const;

  /// Each queue's next pull jumps there, whether or not somebody is online now. kLimit when the offset table is full.
  Status assign(std::string_view group, std::string_view topic, const Plan& plan);
  /// Returns when what was assigned is on the disk.
  Status save() { return offsets_.save_changes(); }

 private:
  Result<std::int64_t> offset_at(std::string_view topic, std::int32_t queue, std::int64_t timestamp_ms) const;

  OffsetTable& offsets_;
  store::MessageStore& store_;
};

}  // namespace ogive::broker
