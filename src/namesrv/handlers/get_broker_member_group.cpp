#include "namesrv/handlers/answers.h"
#include "namesrv/handlers/handlers.h"
#include "namesrv/names.h"
#include "namesrv/route_body.h"
#include "protocol/headers/namesrv.h"

namespace ogive::namesrv {

remoting::HandlerRow get_broker_member_group(Services& services) {
  const auto answer = [&services](const remoting::Request& request) {
    const auto header = protocol::decode_header<protocol::GetBrokerMemberGroupRequestHeader>(request.frame);
    if (!header) return bad_header(header.error());
    if (const auto named = check_name("cluster", header->cluster_name); !named) return invalid(named.error());
    if (const auto named = check_name("broker", header->broker_name); !named) return invalid(named.error());
    const std::string name(header->broker_name);
    remoting::Message message =
        success(encode_member_group(std::string(header->cluster_name), name, services.routes.members(name)));
    message.remark = "not set any response code";  // As the original answers, code 0 and all.
    return message;
  };
  return {protocol::request_code::kGetBrokerMemberGroup,
          "GET_BROKER_MEMBER_GROUP",
          remoting::Lane::kReactor,
          remoting::Answer(answer),
          "brokers",
          "ids and addresses of a broker name"};
}

}  // namespace ogive::namesrv
