#pragma once
// Whether the consume queues in RocksDB have the entry of every record they cover.

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "message/record.h"
#include "rocks/queue_database.h"
#include "store_tool/report.h"
#include "store_tool/store_view.h"

namespace ogive::store_tool {

/// Opened, fed with every record of the log in order, then finished. Does nothing for a store without. One thread.
class RocksCheck {
 public:
  RocksCheck(StoreView& view, Report& report) : view_(view), report_(report) {}
  Status open();
  Status add(const message::RecordView& record);
  void finish(std::int64_t log_end);

 private:
  StoreView& view_;
  Report& report_;
  std::unique_ptr<rocks::QueueDatabase> queues_;
  std::int64_t covered_ = 0;
  std::map<std::pair<std::string, std::int32_t>, std::int64_t, std::less<>> ends_;  ///< Behind the last offset.
};

}  // namespace ogive::store_tool
