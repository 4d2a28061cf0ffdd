#include "namesrv/handlers/answers.h"
#include "namesrv/handlers/handlers.h"
#include "namesrv/names.h"
#include "protocol/headers/namesrv.h"

namespace ogive::namesrv {

remoting::HandlerRow delete_topic(Services& services) {
  const auto answer = [&services](const remoting::Request& request) {
    const auto header = protocol::decode_header<protocol::DeleteTopicFromNamesrvRequestHeader>(request.frame);
    if (!header) return bad_header(header.error());
    if (const auto named = check_name("topic", header->topic); !named) return invalid(named.error());
    const std::string topic(header->topic);
    const std::string_view cluster = header->cluster_name.value_or("");
    if (cluster.empty()) {
      services.routes.delete_topic(topic);
      return success();
    }
    if (const auto named = check_name("cluster", cluster); !named) return invalid(named.error());
    services.routes.delete_topic(topic, std::string(cluster));
    return success();
  };
  return {protocol::request_code::kDeleteTopicInNamesrv,
          "DELETE_TOPIC_IN_NAMESRV",
          remoting::Lane::kReactor,
          remoting::Answer(answer),
          "operators",
          "forgets a topic, with `clusterName` only in that cluster"};
}

}  // namespace ogive::namesrv
