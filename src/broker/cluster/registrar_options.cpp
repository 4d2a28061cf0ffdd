// How the configuration becomes a registrar's options.

#include <fmt/core.h>

#include <algorithm>

#include "broker/cluster/registrar.h"

namespace ogive::broker {
namespace {

constexpr std::int64_t kShortestPeriodMs = 10'000;
constexpr std::int64_t kLongestPeriodMs = 60'000;

}  // namespace

RegistrarOptions registrar_options(const settings::Settings& settings) {
  RegistrarOptions options;
  options.name_servers = settings.get_string("namesrvAddr");
  options.all_addresses = settings.get_bool("fetchNameSrvAddrByDnsLookup");
  options.period =
      Milliseconds(std::clamp(settings.get_int("registerNameServerPeriod"), kShortestPeriodMs, kLongestPeriodMs));
  options.link.timeout = Milliseconds(settings.get_int("registerBrokerTimeoutMills"));
  options.link.force = settings.get_bool("forceRegister");
  options.client.connect_timeout = Milliseconds(settings.get_int("connectTimeoutMillis"));
  options.client.limits.idle_timeout = std::chrono::seconds(settings.get_int("clientChannelMaxIdleTimeSeconds"));

  RegistrationOptions& registration = options.link.registration;
  registration.ha_address = fmt::format("{}:{}", settings.get_string("brokerIP2"), settings.get_int("haListenPort"));
  registration.compressed = settings.get_bool("compressedRegister");
  registration.enable_acting_master = settings.get_bool("enableSlaveActingMaster");
  if (registration.enable_acting_master) {
    options.heartbeat_period = Milliseconds(settings.get_int("brokerHeartbeatInterval"));
    registration.not_active_timeout_ms = settings.get_int("brokerNotActiveTimeoutMillis");
  }
  return options;
}

}  // namespace ogive::broker
