#include "remoting/handler_table.h"

#include "base/check.h"

namespace ogive::remoting {

void HandlerTable::add(HandlerRow row) {
  const bool fresh = index_.emplace(row.code, rows_.size()).second;
  OGIVE_CHECK_MSG(fresh, "request code {} has two handlers", row.code);
  OGIVE_CHECK_MSG(row.lane == Lane::kReactor || std::holds_alternative<Answer>(row.handler),
                  "request code {}: a handler of the blocking lane must answer by its return value", row.code);
  rows_.push_back(std::move(row));
}

const HandlerRow* HandlerTable::find(std::int32_t code) const {
  const auto found = index_.find(code);
  return found == index_.end() ? nullptr : &rows_[found->second];
}

}  // namespace ogive::remoting
