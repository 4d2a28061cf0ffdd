#include "namesrv/handlers/answers.h"
#include "namesrv/handlers/handlers.h"
#include "protocol/headers/namesrv.h"

namespace ogive::namesrv {

remoting::HandlerRow delete_kv_config(Services& services) {
  const auto answer = [&services](const remoting::Request& request) {
    const auto header = protocol::decode_header<protocol::DeleteKVConfigRequestHeader>(request.frame);
    if (!header) return bad_header(header.error());
    const Status status = services.kv.remove(header->namespace_, header->key);
    if (!status) return remoting::Message(protocol::response_code::kSystemError, status.error().message());
    return success();
  };
  return {protocol::request_code::kDeleteKvConfig,
          "DELETE_KV_CONFIG",
          remoting::Lane::kBlocking,
          remoting::Answer(answer),
          "operators",
          "removes a key; what is not there is no failure"};
}

}  // namespace ogive::namesrv
