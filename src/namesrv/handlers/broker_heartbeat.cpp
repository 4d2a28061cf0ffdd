#include "namesrv/handlers/answers.h"
#include "namesrv/handlers/handlers.h"
#include "namesrv/names.h"
#include "protocol/headers/namesrv.h"

namespace ogive::namesrv {

remoting::HandlerRow broker_heartbeat(Services& services) {
  const auto answer = [&services](const remoting::Request& request) {
    const auto header = protocol::decode_header<protocol::BrokerHeartbeatRequestHeader>(request.frame);
    if (!header) return bad_header(header.error());
    if (const auto named = check_broker(header->cluster_name, header->broker_name, header->broker_addr); !named) {
      return invalid(named.error());
    }
    services.routes.touch({std::string(header->cluster_name), std::string(header->broker_addr)},
                          services.clock.monotonic_ms());
    return success();
  };
  return {protocol::request_code::kBrokerHeartbeat,
          "BROKER_HEARTBEAT",
          remoting::Lane::kReactor,
          remoting::Answer(answer),
          "brokers",
          "a sign of life"};
}

}  // namespace ogive::namesrv
