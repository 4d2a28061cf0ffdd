#pragma once
// Whether the records of every queue have ascending queue offsets: no CRC covers them.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "message/record.h"
#include "store/recovery/offset_jumps.h"
#include "store_tool/report.h"

namespace ogive::store_tool {

/// Fed with every record of the log in order. One thread.
class OffsetCheck {
 public:
  explicit OffsetCheck(Report& report) : report_(report) {}
  void add(const message::RecordView& record);

 private:
  struct Queue {
    std::int64_t next = -1;  ///< -1 before the first record, which may have any offset.
    std::optional<store::OffsetClaim> held;
  };
  void settle(Queue& queue, std::string_view topic, std::int32_t id, std::int64_t following);
  void complain(std::string_view topic, std::int32_t id, const store::OffsetClaim& claim, std::int64_t next);

  Report& report_;
  std::map<std::pair<std::string, std::int32_t>, Queue, std::less<>> queues_;
};

}  // namespace ogive::store_tool
