#include "namesrv/handlers/answers.h"
#include "namesrv/handlers/handlers.h"
#include "protocol/headers/namesrv.h"

namespace ogive::namesrv {

remoting::HandlerRow put_kv_config(Services& services) {
  const auto answer = [&services](const remoting::Request& request) {
    const auto header = protocol::decode_header<protocol::PutKVConfigRequestHeader>(request.frame);
    if (!header) return bad_header(header.error());
    const Status status = services.kv.put(header->namespace_, header->key, header->value);
    if (status) return success();
    if (status.error().code() == Errc::kInvalidArgument) return invalid(status.error());
    return remoting::Message(protocol::response_code::kSystemError, status.error().message());
  };
  return {protocol::request_code::kPutKvConfig,
          "PUT_KV_CONFIG",
          remoting::Lane::kBlocking,
          remoting::Answer(answer),
          "operators",
          "sets `namespace`/`key` to `value`; answered when the file is written"};
}

}  // namespace ogive::namesrv
