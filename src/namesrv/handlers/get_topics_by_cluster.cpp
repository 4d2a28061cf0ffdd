#include "namesrv/handlers/answers.h"
#include "namesrv/handlers/handlers.h"
#include "namesrv/names.h"
#include "namesrv/route_body.h"
#include "protocol/headers/namesrv.h"

namespace ogive::namesrv {

remoting::HandlerRow get_topics_by_cluster(Services& services) {
  const auto answer = [&services](const remoting::Request& request) {
    if (!services.config.settings().get_bool("enableTopicList")) return disabled();
    const auto header = protocol::decode_header<protocol::GetTopicsByClusterRequestHeader>(request.frame);
    if (!header) return bad_header(header.error());
    if (const auto named = check_name("cluster", header->cluster); !named) return invalid(named.error());
    return success(encode_topic_list(services.routes.topics_of_cluster(std::string(header->cluster))));
  };
  return {protocol::request_code::kGetTopicsByCluster,
          "GET_TOPICS_BY_CLUSTER",
          remoting::Lane::kBlocking,
          remoting::Answer(answer),
          "operators",
          "topics of a cluster"};
}

}  // namespace ogive::namesrv
