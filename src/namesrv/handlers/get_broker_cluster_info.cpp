#include "namesrv/handlers/answers.h"
#include "namesrv/handlers/handlers.h"

namespace ogive::namesrv {

remoting::HandlerRow get_broker_cluster_info(Services& services) {
  const auto answer = [&services](const remoting::Request&) { return success(services.routes.cluster_info_body()); };
  return {protocol::request_code::kGetBrokerClusterInfo,
          "GET_BROKER_CLUSTER_INFO",
          remoting::Lane::kReactor,
          remoting::Answer(answer),
          "clients, operators",
          "all brokers by name, all names by cluster"};
}

}  // namespace ogive::namesrv
