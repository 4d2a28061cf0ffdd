#include <fmt/core.h>

#include "namesrv/handlers/answers.h"
#include "namesrv/handlers/handlers.h"
#include "namesrv/kv_file.h"
#include "protocol/headers/namesrv.h"

namespace ogive::namesrv {

remoting::HandlerRow get_kv_list_by_namespace(Services& services) {
  const auto answer = [&services](const remoting::Request& request) {
    const auto header = protocol::decode_header<protocol::GetKVListByNamespaceRequestHeader>(request.frame);
    if (!header) return bad_header(header.error());
    const auto table = services.kv.list(header->namespace_);
    if (table) return success(encode_kv_table(*table));
    return remoting::Message(protocol::response_code::kQueryNotFound,
                             fmt::format("No config item, Namespace: {}", header->namespace_));
  };
  return {protocol::request_code::kGetKvlistByNamespace,
          "GET_KVLIST_BY_NAMESPACE",
          remoting::Lane::kReactor,
          remoting::Answer(answer),
          "operators",
          "one namespace, or 22"};
}

}  // namespace ogive::namesrv
