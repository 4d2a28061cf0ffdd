#pragma once
// Whether the consume queues have an entry for every record, and nothing else.

#include <map>
#include <vector>

#include "message/record.h"
#include "store/queue/consume_queue.h"
#include "store_tool/config_check.h"
#include "store_tool/report.h"
#include "store_tool/store_view.h"

namespace ogive::store_tool {

/// Fed with every record of the log in order, then finished. One thread.
class QueueCheck {
 public:
  QueueCheck(StoreView& view, Report& report) : view_(view), report_(report) {}
  Status add(const message::RecordView& record);
  Status finish();
  /// Where each queue begins and ends; of a queue without files, as its records say. After finish().
  const BoundsByQueue& bounds() const { return bounds_; }

 private:
  struct Seen {
    std::int64_t entries = 0;      ///< Found for records.
    std::int64_t next_place = -1;  ///< Batch queues: where the next record's entry should be.
    std::vector<std::byte> piece;  ///< Entries as in the files, read at once, from place `piece_begin` on.
    std::int64_t piece_begin = 0;
  };
  Result<store::BatchEntry> entry_at(const store::ConsumeQueue& queue, std::int64_t place);
  Result<std::int64_t> first_place(const store::ConsumeQueue& queue, std::int64_t physical_offset);
  /// Entries in [first, end) that stand for a message.
  Result<std::int64_t> count_messages(const store::ConsumeQueue& queue, std::int64_t first, std::int64_t end);
  void compare(const store::ConsumeQueue& queue, const message::RecordView& record, const store::BatchEntry& entry);

  StoreView& view_;
  Report& report_;
  Status note_bounds(const store::ConsumeQueue& queue, std::int64_t first, std::int64_t end);
  std::map<const store::ConsumeQueue*, Seen> seen_;
  BoundsByQueue bounds_;
};

}  // namespace ogive::store_tool
