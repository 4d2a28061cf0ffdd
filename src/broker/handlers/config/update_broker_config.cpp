#include "base/log.h"
#include "base/settings/properties.h"
#include "broker/handlers/answers.h"
#include "broker/handlers/config/config_handlers.h"

namespace ogive::broker::handlers {
namespace {

Message answer(settings::Settings& settings, const Request& request) {
  const auto changes = settings::Properties::parse(as_chars(request.frame.body));
  auto problems = settings.update(changes);
  if (!problems) {
    return Message(problems.error().code() == Errc::kPermission ? code::kNoPermission : code::kInvalidParameter,
                   problems.error().message());
  }
  for (const auto& problem : *problems) OGIVE_LOG(warn, "broker", "configuration update: {}", problem.text);
  return success();
}

}  // namespace

HandlerRow update_broker_config(settings::Settings& settings) {
  return {request_code::kUpdateBrokerConfig,
          "UPDATE_BROKER_CONFIG",
          Lane::kBlocking,
          Answer([&settings](const Request& request) { return answer(settings, request); }),
          "operators",
          "`key=value` lines, all or none; 16 for keys that must not change at run time"};
}

}  // namespace ogive::broker::handlers
