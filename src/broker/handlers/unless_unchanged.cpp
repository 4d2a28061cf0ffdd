#include "broker/handlers/unless_unchanged.h"

#include <fmt/core.h>

#include "base/check.h"
#include "broker/cluster/metadata_sync.h"
#include "broker/handlers/answers.h"

namespace ogive::broker::handlers {

HandlerRow unless_unchanged(HandlerRow row, TableState state) {
  const auto* answer = std::get_if<Answer>(&row.handler);
  OGIVE_CHECK_MSG(answer != nullptr, "{} does not answer at once", row.name);
  row.handler = Answer([inner = *answer, state = std::move(state)](const Request& request) -> Message {
    const auto held = request.frame.find(kSyncTokenField);
    if (!held) return inner(request);
    // Taken before the table is read: what changes meanwhile is asked for again.
    const std::int64_t table_end = state.table_end ? state.table_end() : 0;
    const std::string token = fmt::format("{}-{}", state.boot_ms, state.version());
    Message message = *held == token ? success() : inner(request);
    if (message.code != code::kSuccess) return message;
    message.field(kSyncTokenField, std::string_view(token));
    if (state.log_end) message.field(kSyncLogEndField, state.log_end());
    if (state.table_end) message.field(kSyncTableEndField, table_end);
    return message;
  });
  return row;
}

}  // namespace ogive::broker::handlers
