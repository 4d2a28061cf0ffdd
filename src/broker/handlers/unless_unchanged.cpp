#include "broker/handlers/unless_unchanged.h"

#include <fmt/core.h>

#include "base/check.h"
#include "broker/cluster/metadata_sync.h"
#include "broker/handlers/answers.h"

namespace ogive::broker::handlers {

HandlerRow unless_unchanged(HandlerRow row, std::function<std::uint64_t()> version, std::int64_t boot_ms,
                            std::function<std::int64_t()> log_end) {
  const auto* answer = std::get_if<Answer>(&row.handler);
  OGIVE_CHECK_MSG(answer != nullptr, "{} does not answer at once", row.name);
  row.handler = Answer([inner = *answer, version = std::move(version), boot_ms,
                        log_end = std::move(log_end)](const Request& request) -> Message {
    const auto held = request.frame.find(kSyncTokenField);
    if (!held) return inner(request);
    // Taken before the table is read: what changes meanwhile is asked for again.
    const std::string token = fmt::format("{}-{}", boot_ms, version());
    Message message = *held == token ? success() : inner(request);
    if (message.code != code::kSuccess) return message;
    message.field(kSyncTokenField, std::string_view(token));
    if (log_end) message.field(kSyncLogEndField, log_end());
    return message;
  });
  return row;
}

}  // namespace ogive::broker::handlers
