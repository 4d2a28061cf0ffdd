#include "broker/offset/offset_reset.h"

#include <fmt/core.h>

#include "base/log.h"
#include "store/queue/consume_queue.h"

namespace ogive::broker {
namespace {

Status check_queue(const protocol::TopicConfig& topic, std::int32_t queue) {
  if (queue < topic.read_queue_nums) return {};
  return fail(Errc::kInvalidArgument, fmt::format("queue {} of {}: the topic has {} queues to read", queue,
                                                  topic.topic_name, topic.read_queue_nums));
}

}  // namespace

Result<std::int64_t> OffsetReset::offset_at(std::string_view topic, std::int32_t queue,
                                            std::int64_t timestamp_ms) const {
  auto* found = store_.find_queue(topic, QueueId(queue));
  if (found == nullptr) return 0;
  if (timestamp_ms < 0) return found->max_offset().value();
  auto offset = store_.offset_by_time(*found, timestamp_ms, /*upper=*/false);
  if (!offset) return fail(std::move(offset).error());
  return offset->value();
}

Result<OffsetReset::Plan> OffsetReset::by_time(const protocol::TopicConfig& topic, std::int32_t queue,
                                               std::int64_t timestamp_ms) const {
  OGIVE_TRY(check_queue(topic, queue));
  Plan plan;
  const std::int32_t first = std::max(queue, 0);
  const std::int32_t last = queue < 0 ? topic.read_queue_nums - 1 : queue;
  for (std::int32_t id = first; id <= last; ++id) {
    auto offset = offset_at(topic.topic_name, id, timestamp_ms);
    if (!offset) return fail(std::move(offset).error());
    plan[id] = *offset;
  }
  return plan;
}

Result<OffsetReset::Plan> OffsetReset::to_offset(const protocol::TopicConfig& topic, std::int32_t queue,
                                                 std::int64_t offset) const {
  OGIVE_TRY(check_queue(topic, queue));
  const auto* found = store_.find_queue(topic.topic_name, QueueId(queue));
  const std::int64_t min = found == nullptr ? 0 : found->min_offset().value();
  const std::int64_t max = found == nullptr ? 0 : found->max_offset().value();
  if (offset < min || offset > max) {
    return fail(Errc::kInvalidArgument,
                fmt::format("Target offset {} not in consume queue range [{}-{}]", offset, min, max));
  }
  return Plan{{queue, offset}};
}

Result<OffsetReset::Plan> OffsetReset::for_clients(std::string_view group, const protocol::TopicConfig& topic,
                                                   std::int64_t timestamp_ms, bool forward_too) const {
  auto plan = by_time(topic, -1, timestamp_ms);
  if (!plan) return plan;
  for (auto& [queue, offset] : *plan) {
    const std::int64_t committed = offsets_.committed(group, topic.topic_name, queue);
    if (committed == kNoOffset) {
      return fail(Errc::kNotFound, fmt::format("The consumer group <{}> not exist", group));
    }
    if (!forward_too) offset = std::min(offset, committed);
  }
  return plan;
}

Status OffsetReset::assign(std::string_view group, std::string_view topic, const Plan& plan) {
  const QueueOffsetsPtr entry = offsets_.entry(group, topic);
  if (!entry) return fail(Errc::kLimit, "the offset table is full: delete groups or topics that are no longer used");
  for (const auto& [queue, offset] : plan) {
    entry->assign_reset(queue, offset);
    OGIVE_LOG(info, "broker", "offset of {} on {}-{} reset to {}", group, topic, queue, offset);
  }
  return {};
}

}  // namespace ogive::broker
