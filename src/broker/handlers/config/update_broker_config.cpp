#include "base/log.h"
#include "broker/handlers/answers.h"
#include "broker/handlers/config/config_handlers.h"

namespace ogive::broker::handlers {
namespace {

Message refusal(const Error& error) {
  switch (error.code()) {
    case Errc::kPermission:
      return Message(code::kNoPermission, "Can not update config in black list: " + error.message());
    case Errc::kInvalidArgument:
      return Message(code::kInvalidParameter, error.message());
    default:
      return Message(code::kSystemError, error.message());
  }
}

Message answer(ConfigFile& config, const Request& request) {
  OGIVE_LOG(info, "broker", "configuration update from {}", request.remote.to_string());
  const auto problems = config.update(as_chars(request.frame.body));
  if (!problems) {
    OGIVE_LOG(warn, "broker", "configuration update refused: {}", problems.error().message());
    return refusal(problems.error());
  }
  std::string notes;
  for (const auto& problem : *problems) {
    OGIVE_LOG(warn, "broker", "configuration update: {}", problem.text);
    if (!notes.empty()) notes += "; ";
    notes += problem.text;
  }
  return Message(code::kSuccess, std::move(notes));
}

}  // namespace

HandlerRow update_broker_config(ConfigFile& config) {
  return {
      request_code::kUpdateBrokerConfig,
      "UPDATE_BROKER_CONFIG",
      Lane::kBlocking,
      Answer([&config](const Request& request) { return answer(config, request); }),
      "operators",
      "`key=value` lines, all or none, also into the file of `-c`; 16 for keys that must not change at run time, 29 "
      "for values that cannot be meant"};
}

}  // namespace ogive::broker::handlers
