#include "base/log.h"
#include "namesrv/handlers/answers.h"
#include "namesrv/handlers/handlers.h"

namespace ogive::namesrv {

remoting::HandlerRow update_namesrv_config(Services& services) {
  const auto answer = [&services](const remoting::Request& request) {
    OGIVE_LOG(info, "namesrv", "updateConfig called by {}", request.remote.to_string());
    if (request.frame.body.empty()) return success();
    const Status status = services.config.update(as_chars(request.frame.body));
    if (status) return success();
    OGIVE_LOG(warn, "namesrv", "updateConfig refused: {}", status.error().message());
    switch (status.error().code()) {
      case Errc::kPermission:
        return remoting::Message(protocol::response_code::kNoPermission, "Can not update config in black list.");
      case Errc::kInvalidArgument:
        return invalid(status.error());
      default:
        return remoting::Message(protocol::response_code::kSystemError, status.error().message());
    }
  };
  return {protocol::request_code::kUpdateNamesrvConfig,
          "UPDATE_NAMESRV_CONFIG",
          remoting::Lane::kBlocking,
          remoting::Answer(answer),
          "operators",
          "`key=value` lines, all or none; 16 for keys that must not change at run time"};
}

}  // namespace ogive::namesrv
