#include "remoting/handler_table.h"

#include <fmt/core.h>

#include <algorithm>

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

std::string markdown_table(const std::vector<HandlerRow>& rows) {
  std::vector<const HandlerRow*> sorted;
  for (const HandlerRow& row : rows) {
    if (!row.summary.empty()) sorted.push_back(&row);
  }
  std::ranges::sort(sorted, {}, &HandlerRow::code);
  std::string text = "| code | name | from | what it does |\n|---|---|---|---|\n";
  for (const HandlerRow* row : sorted) {
    text += fmt::format("| {} | {} | {} | {} |\n", row->code, row->name, row->callers, row->summary);
  }
  return text;
}

}  // namespace ogive::remoting
