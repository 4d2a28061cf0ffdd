#include "base/log.h"
#include "broker/handlers/answers.h"
#include "broker/handlers/config/config_handlers.h"

namespace ogive::broker::handlers {
namespace {

std::int32_t refusal_code(Errc reason) {
  if (reason == Errc::kPermission) return code::kNoPermission;
  return reason == Errc::kInvalidArgument ? code::kInvalidParameter : code::kSystemError;
}

Message answer(ConfigFile& file, const Request& request) {
  auto problems = file.update(as_chars(request.frame.body));
  if (!problems) return Message(refusal_code(problems.error().code()), problems.error().message());
  for (const auto& problem : *problems) OGIVE_LOG(warn, "broker", "configuration update: {}", problem.text);
  return success();
}

}  // namespace

HandlerRow update_broker_config(ConfigFile& file) {
  return {
      request_code::kUpdateBrokerConfig,
      "UPDATE_BROKER_CONFIG",
      Lane::kBlocking,
      Answer([&file](const Request& request) { return answer(file, request); }),
      "operators",
      "`key=value` lines, all or none, written to `brokerConfigPath`; 16 for keys that must not change at run time"};
}

}  // namespace ogive::broker::handlers
