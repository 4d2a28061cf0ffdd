// WIPE_WRITE_PERM_OF_BROKER and its undoing, ADD_WRITE_PERM_OF_BROKER. Both sweep all topics, hence the blocking lane.

#include "base/log.h"
#include "namesrv/handlers/answers.h"
#include "namesrv/handlers/handlers.h"
#include "namesrv/names.h"
#include "protocol/headers/namesrv.h"

namespace ogive::namesrv {

remoting::HandlerRow wipe_write_perm_of_broker(Services& services) {
  const auto answer = [&services](const remoting::Request& request) {
    const auto header = protocol::decode_header<protocol::WipeWritePermOfBrokerRequestHeader>(request.frame);
    if (!header) return bad_header(header.error());
    if (const auto named = check_name("broker", header->broker_name); !named) return invalid(named.error());
    const std::int32_t topics = services.routes.wipe_write_permission(std::string(header->broker_name));
    OGIVE_LOG(info, "namesrv", "wipe write perm of broker[{}], client: {}, {}", header->broker_name,
              request.remote.to_string(), topics);
    remoting::Message message = success();
    protocol::encode_header(protocol::WipeWritePermOfBrokerResponseHeader{.wipe_topic_count = topics}, message);
    return message;
  };
  return {protocol::request_code::kWipeWritePermOfBroker,
          "WIPE_WRITE_PERM_OF_BROKER",
          remoting::Lane::kBlocking,
          remoting::Answer(answer),
          "operators",
          "takes the write permission from the queues of a broker name; `wipeTopicCount`"};
}

remoting::HandlerRow add_write_perm_of_broker(Services& services) {
  const auto answer = [&services](const remoting::Request& request) {
    const auto header = protocol::decode_header<protocol::AddWritePermOfBrokerRequestHeader>(request.frame);
    if (!header) return bad_header(header.error());
    if (const auto named = check_name("broker", header->broker_name); !named) return invalid(named.error());
    const std::int32_t topics = services.routes.add_write_permission(std::string(header->broker_name));
    OGIVE_LOG(info, "namesrv", "add write perm of broker[{}], client: {}, {}", header->broker_name,
              request.remote.to_string(), topics);
    remoting::Message message = success();
    protocol::encode_header(protocol::AddWritePermOfBrokerResponseHeader{.add_topic_count = topics}, message);
    return message;
  };
  return {protocol::request_code::kAddWritePermOfBroker,
          "ADD_WRITE_PERM_OF_BROKER",
          remoting::Lane::kBlocking,
          remoting::Answer(answer),
          "operators",
          "sets read and write on the queues of a broker name; `addTopicCount`"};
}

}  // namespace ogive::namesrv
