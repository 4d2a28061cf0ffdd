#pragma once
// Whether the index files have the keys of every record, in order.

#include <memory>
#include <string>
#include <vector>

#include "message/record.h"
#include "store/index/index_file.h"
#include "store_tool/report.h"
#include "store_tool/store_view.h"

namespace ogive::store_tool {

/// Fed with every record of the log in order, then finished: entries are in the order of the log, so both are walked
/// together. One thread.
class IndexCheck {
 public:
  IndexCheck(StoreView& view, Report& report) : view_(view), report_(report) {}
  Status open();
  void add(const message::RecordView& record);
  void finish();

 private:
  void complain(std::string what);
  const store::IndexEntry* current();
  void advance();

  StoreView& view_;
  Report& report_;
  std::vector<std::unique_ptr<store::IndexFile>> files_;
  std::size_t file_ = 0;
  std::int32_t number_ = 1;
  store::IndexEntry entry_;
  bool loaded_ = false;
  bool broken_ = false;
};

}  // namespace ogive::store_tool
