#include "store_tool/offset_check.h"

#include <fmt/core.h>

#include <algorithm>

#include "message/sys_flag.h"

namespace ogive::store_tool {

void OffsetCheck::complain(std::string_view topic, std::int32_t id, const store::OffsetClaim& claim,
                           std::int64_t next) {
  report_.add(
      Severity::kLoss, fmt::format("record at {}", claim.physical_offset),
      fmt::format("says it is message {} of queue {} of {}, where {} comes next: its queue offset is damaged, and "
                  "consumers do not get it",
                  claim.offset, id, topic, next));
}

void OffsetCheck::settle(Queue& queue, std::string_view topic, std::int32_t id, std::int64_t following) {
  const store::OffsetClaim held = *queue.held;
  switch (store::judge_jump(queue.next, held, following)) {
    case store::JumpVerdict::kUndecided:
      return;
    case store::JumpVerdict::kDamaged:
      complain(topic, id, held, queue.next);
      break;
    case store::JumpVerdict::kGenuine:
      if (held.offset > queue.next) {
        report_.add(Severity::kNote, fmt::format("queue {} of {}", id, topic),
                    fmt::format("has no records for offsets {} to {}", queue.next, held.offset - 1));
      }
      queue.next = held.offset + held.count;
      break;
  }
  queue.held.reset();
}

void OffsetCheck::add(const message::RecordView& record) {
  if (!message::takes_queue_offset(record.sys_flag) || record.queue_id < 0) return;
  Queue& queue = queues_[{std::string(record.topic), record.queue_id}];
  const store::OffsetClaim claim{record.physical_offset, record.queue_offset,
                                 std::max(1, message::message_count(record))};
  if (queue.held) settle(queue, record.topic, record.queue_id, claim.offset);
  if (queue.next < 0) {
    queue.next = claim.offset + claim.count;
  } else if (queue.next > 0 && store::is_jump(queue.next, claim)) {
    if (!queue.held) queue.held = claim;
  } else if (claim.offset < queue.next) {
    complain(record.topic, record.queue_id, claim, queue.next);
  } else {
    queue.next = claim.offset + claim.count;
  }
}

}  // namespace ogive::store_tool
