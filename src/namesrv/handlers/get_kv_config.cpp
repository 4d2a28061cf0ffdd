#include <fmt/core.h>

#include "namesrv/handlers/answers.h"
#include "namesrv/handlers/handlers.h"
#include "protocol/headers/namesrv.h"

namespace ogive::namesrv {

remoting::HandlerRow get_kv_config(Services& services) {
  const auto answer = [&services](const remoting::Request& request) {
    const auto header = protocol::decode_header<protocol::GetKVConfigRequestHeader>(request.frame);
    if (!header) return bad_header(header.error());
    const auto value = services.kv.get(header->namespace_, header->key);
    if (!value) {
      return remoting::Message(protocol::response_code::kQueryNotFound,
                               fmt::format("No config item, Namespace: {} Key: {}", header->namespace_, header->key));
    }
    remoting::Message message = success();
    protocol::encode_header(protocol::GetKVConfigResponseHeader{.value = *value}, message);
    return message;
  };
  return {protocol::request_code::kGetKvConfig,
          "GET_KV_CONFIG",
          remoting::Lane::kReactor,
          remoting::Answer(answer),
          "operators",
          "`value`, or 22"};
}

}  // namespace ogive::namesrv
