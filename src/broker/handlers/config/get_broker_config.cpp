#include "broker/handlers/answers.h"
#include "broker/handlers/config/config_handlers.h"

namespace ogive::broker::handlers {

HandlerRow get_broker_config(const settings::Settings& settings) {
  const auto answer = [&settings](const Request&) {
    Message message = success(settings.property_text(/*escape=*/false));
    message.field("version", std::string_view("{\"counter\":0,\"stateVersion\":0,\"timestamp\":0}"));
    return message;
  };
  return {request_code::kGetBrokerConfig, "GET_BROKER_CONFIG", Lane::kBlocking, Answer(answer), "operators",
          "every key and value"};
}

}  // namespace ogive::broker::handlers
