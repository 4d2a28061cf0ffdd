#include "broker/handlers/answers.h"
#include "broker/handlers/session/session_handlers.h"
#include "protocol/bodies/heartbeat.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const Request& request) {
  auto body = protocol::from_json<protocol::CheckClientRequestBody>(request.frame.body);
  if (!body) return Message(code::kSystemError, "client configuration: " + body.error().message());
  if (body->subscription_data.expression_type.empty() || body->subscription_data.expression_type == "TAG") {
    return success();
  }
  return Message(code::kSystemError, "The broker does not support consumer to filter message by " +
                                         body->subscription_data.expression_type);
}

}  // namespace

HandlerRow check_client_config() {
  return {request_code::kCheckClientConfig,
          "CHECK_CLIENT_CONFIG",
          Lane::kReactor,
          Answer(answer),
          "clients",
          "whether the subscription is one this broker can filter by"};
}

}  // namespace ogive::broker::handlers
