#include "namesrv/handlers/answers.h"
#include "namesrv/handlers/handlers.h"
#include "namesrv/names.h"
#include "namesrv/registration_body.h"
#include "protocol/headers/namesrv.h"

namespace ogive::namesrv {

/// A broker asks whether its topics have changed since it registered; the question is a sign of life, and is also how
/// brokers of old name servers send heartbeats.
remoting::HandlerRow query_data_version(Services& services) {
  const auto answer = [&services](const remoting::Request& request) {
    const auto header = protocol::decode_header<protocol::QueryDataVersionRequestHeader>(request.frame);
    if (!header) return bad_header(header.error());
    if (const auto named = check_broker(header->cluster_name, header->broker_name, header->broker_addr); !named) {
      return invalid(named.error());
    }
    const auto theirs = decode_data_version(as_chars(request.frame.body));
    if (!theirs) return bad_header(theirs.error());
    const BrokerKey key{std::string(header->cluster_name), std::string(header->broker_addr)};
    services.routes.touch(key, services.clock.monotonic_ms());
    const auto ours = services.routes.data_version(key);
    remoting::Message message = success(ours ? encode_data_version(*ours) : std::string());
    protocol::encode_header(protocol::QueryDataVersionResponseHeader{.changed = ours != *theirs}, message);
    return message;
  };
  return {protocol::request_code::kQueryDataVersion,
          "QUERY_DATA_VERSION",
          remoting::Lane::kReactor,
          remoting::Answer(answer),
          "brokers",
          "whether the broker's topic table has `changed` since it registered; a sign of life"};
}

}  // namespace ogive::namesrv
