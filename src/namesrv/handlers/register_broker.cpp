#include <fmt/core.h>

#include "base/crc32.h"
#include "base/log.h"
#include "namesrv/handlers/answers.h"
#include "namesrv/handlers/handlers.h"
#include "namesrv/kv_file.h"
#include "namesrv/names.h"
#include "namesrv/registration_body.h"
#include "protocol/headers/namesrv.h"

namespace ogive::namesrv {
namespace {

using Outcome = RegistrationResult::Outcome;

Status check_names(const protocol::RegisterBrokerRequestHeader& header) {
  OGIVE_TRY(check_broker(header.cluster_name, header.broker_name, header.broker_addr));
  if (header.ha_server_addr.empty()) return {};
  return check_address("HA address", header.ha_server_addr);
}

Registration registration_of(const protocol::RegisterBrokerRequestHeader& header, const remoting::Request& request) {
  Registration registration;
  registration.key = {std::string(header.cluster_name), std::string(header.broker_addr)};
  registration.broker_name = header.broker_name;
  registration.broker_id = header.broker_id;
  registration.ha_address = header.ha_server_addr;
  if (const auto zone = request.frame.find("__ZONE_NAME")) registration.zone = *zone;
  registration.timeout_ms = header.heartbeat_timeout_millis;
  registration.enable_acting_master = header.enable_acting_master;
  registration.channel = request.reply_to.channel;
  return registration;
}

remoting::Message answer_to(const RegistrationResult& result, const Services& services) {
  if (result.outcome == Outcome::kSingleTopicFirst) {
    // What comes with one topic is an increment, and must not precede the broker's whole table.
    return remoting::Message(protocol::response_code::kSystemError, "register broker failed");
  }
  if (result.outcome == Outcome::kTableFull) {
    return remoting::Message(protocol::response_code::kSystemError,
                             "register broker failed: the name server's table of brokers is full");
  }
  remoting::Message message = success();
  protocol::RegisterBrokerResponseHeader header;
  if (result.master_ha_address) header.ha_server_addr = *result.master_ha_address;
  if (result.master_address) header.master_addr = *result.master_address;
  protocol::encode_header(header, message);
  if (services.config.settings().get_bool("returnOrderTopicConfigToBroker")) {
    if (const auto table = services.kv.list(kOrderTopicNamespace)) message.body = encode_kv_table(*table);
  }
  return message;
}

}  // namespace

/// On the reactor, although a large body takes milliseconds: registrations and the end of their connection must be seen
/// in the order in which they happened.
remoting::HandlerRow register_broker(Services& services) {
  const auto answer = [&services](const remoting::Request& request) {
    const auto header = protocol::decode_header<protocol::RegisterBrokerRequestHeader>(request.frame);
    if (!header) return bad_header(header.error());
    if (const auto named = check_names(*header); !named) return invalid(named.error());
    const ByteView body = request.frame.body;
    if (header->body_crc32 != 0 && message_crc32(body) != header->body_crc32) {
      OGIVE_LOG(warn, "namesrv", "receive registerBroker request,crc32 not match,from {}", request.remote.to_string());
      return remoting::Message(protocol::response_code::kSystemError, "crc32 not match");
    }
    Registration registration = registration_of(*header, request);
    if (const auto decoded = decode_registration(body, header->compressed, request.frame.version, registration);
        !decoded) {
      OGIVE_LOG(warn, "namesrv", "registration of {} from {} refused: {}", registration.broker_name,
                request.remote.to_string(), decoded.error().message());
      return remoting::Message(protocol::response_code::kSystemError,
                               "Failed to decode RegisterBrokerBody: " + decoded.error().message());
    }
    auto result = services.routes.register_broker(registration, services.clock.monotonic_ms());
    if (result.outcome == Outcome::kAccepted) services.watch_brokers();
    if (result.notice) services.notify(std::move(*result.notice));
    return answer_to(result, services);
  };
  return {protocol::request_code::kRegisterBroker,
          "REGISTER_BROKER",
          remoting::Lane::kReactor,
          remoting::Answer(answer),
          "brokers",
          "see below; a slave gets `masterAddr` and `haServerAddr` of its master"};
}

}  // namespace ogive::namesrv
