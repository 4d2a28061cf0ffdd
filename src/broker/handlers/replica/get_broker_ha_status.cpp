#include "broker/handlers/answers.h"
#include "broker/handlers/replica/replica_handlers.h"
#include "protocol/json.h"

namespace ogive::broker::handlers {

HandlerRow get_broker_ha_status(const Replication& replication) {
  const auto answer = [&replication](const Request&) { return success(protocol::to_json(replication.status())); };
  return {request_code::kGetBrokerHaStatus,        "GET_BROKER_HA_STATUS", Lane::kBlocking, Answer(answer), "operators",
          "a master's slaves, or a slave's master"};
}

}  // namespace ogive::broker::handlers
