#include "broker/handlers/answers.h"
#include "broker/handlers/session/session_handlers.h"
#include "protocol/bodies/connections.h"
#include "protocol/codes.h"

namespace ogive::broker::handlers {
namespace {

Message answer(const SessionPorts& ports, const Request&) {
  protocol::ProducerTableInfo body;
  for (const auto& [group, members] : ports.producers.all()) {
    auto& list = body.data[group];
    for (const ClientSession& session : members) {
      list.push_back({session.client_id, session.remote.to_string(),
                      std::string(protocol::language_name(session.language)), session.version, session.last_update_ms});
    }
  }
  return success(protocol::to_json(body));
}

}  // namespace

HandlerRow get_all_producer_info(const SessionPorts& ports) {
  return {request_code::kGetAllProducerInfo,
          "GET_ALL_PRODUCER_INFO",
          Lane::kBlocking,
          Answer([ports](const Request& request) { return answer(ports, request); }),
          "operators",
          "who produces, by group"};
}

}  // namespace ogive::broker::handlers
