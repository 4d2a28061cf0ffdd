// How the configuration becomes a registrar's options.

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

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

Result<std::vector<std::pair<std::string, std::uint16_t>>> parse_name_servers(std::string_view text) {
  std::vector<std::pair<std::string, std::uint16_t>> servers;
  while (!text.empty()) {
    const std::size_t end = text.find(';');
    std::string_view one = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
    while (!one.empty() && one.back() == ' ') one.remove_suffix(1);
    if (one.empty()) continue;
    const std::size_t colon = one.rfind(':');
    std::uint16_t port = 0;
    const std::string_view digits = colon == std::string_view::npos ? std::string_view() : one.substr(colon + 1);
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (digits.empty() || error != std::errc() || stop != digits.data() + digits.size() || port == 0 || colon == 0) {
      return fail(Errc::kInvalidArgument,
                  fmt::format("namesrvAddr: \"{}\" is not host:port; name servers are written \"a:9876;b:9876\"", one));
    }
    servers.emplace_back(std::string(one.substr(0, colon)), port);
  }
  return servers;
}

}  // namespace ogive::broker
