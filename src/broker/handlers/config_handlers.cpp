// Configuration and what slaves copy: 25, 26, 45.

#include "base/log.h"
#include "base/settings/properties.h"
#include "broker/handlers/metadata_handlers.h"
#include "protocol/codes.h"

namespace ogive::broker {
namespace {

namespace code = protocol::response_code;
using remoting::Lane;
using remoting::Message;
using remoting::Request;

Message update_config(settings::Settings& settings, const Request& request) {
  const auto changes = settings::Properties::parse(as_chars(request.frame.body));
  auto problems = settings.update(changes);
  if (!problems) {
    return Message(problems.error().code() == Errc::kPermission ? code::kNoPermission : code::kInvalidParameter,
                   problems.error().message());
  }
  for (const auto& problem : *problems) OGIVE_LOG(warn, "broker", "configuration update: {}", problem.text);
  return Message(code::kSuccess);
}

}  // namespace

void add_config_handlers(remoting::HandlerTable& table, settings::Settings& settings,
                         std::function<std::string()> encode_delay_offsets) {
  namespace request = protocol::request_code;
  table.add({request::kUpdateBrokerConfig, "UPDATE_BROKER_CONFIG", Lane::kBlocking,
             remoting::Answer([&settings](const Request& r) { return update_config(settings, r); })});
  table.add(
      {request::kGetBrokerConfig, "GET_BROKER_CONFIG", Lane::kBlocking, remoting::Answer([&settings](const Request&) {
         Message answer(code::kSuccess);
         answer.field("version", std::string_view("{\"counter\":0,\"stateVersion\":0,\"timestamp\":0}"));
         answer.body = settings.property_text(/*escape=*/false);
         return answer;
       })});
  table.add({request::kGetAllDelayOffset, "GET_ALL_DELAY_OFFSET", Lane::kBlocking,
             remoting::Answer([encode = std::move(encode_delay_offsets)](const Request&) {
               Message answer(code::kSuccess);
               answer.body = encode();
               return answer;
             })});
}

}  // namespace ogive::broker
