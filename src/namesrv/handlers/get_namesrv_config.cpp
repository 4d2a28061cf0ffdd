#include "namesrv/handlers/answers.h"
#include "namesrv/handlers/handlers.h"

namespace ogive::namesrv {

remoting::HandlerRow get_namesrv_config(Services& services) {
  const auto answer = [&services](const remoting::Request&) { return success(services.config.text()); };
  return {protocol::request_code::kGetNamesrvConfig,
          "GET_NAMESRV_CONFIG",
          remoting::Lane::kBlocking,
          remoting::Answer(answer),
          "operators",
          "every key and value"};
}

}  // namespace ogive::namesrv
