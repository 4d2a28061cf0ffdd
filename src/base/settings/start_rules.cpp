#include "base/settings/start_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace ogive::settings {
namespace {

constexpr int kBadValue = 253;       // exit(-3) in RocketMQ
constexpr int kContradiction = 252;  // exit(-4)

/// "host:port", the host not empty; an IPv6 host may contain colons.
bool is_address(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  std::uint16_t port = 0;
  const std::string_view digits = address.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return error == std::errc() && end == digits.data() + digits.size();
}

bool is_address_list(std::string_view list) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(';'), list.size());
    if (!is_address(list.substr(0, end))) return false;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return true;
}

std::optional<StartRefusal> check_modes(const Settings& settings) {
  const bool controller = settings.get_bool("enableControllerMode");
  const bool dledger = settings.get_bool("enableDLegerCommitLog");
  if (controller && dledger) {
    return StartRefusal{kContradiction,
                        "The config enableControllerMode and enableDLegerCommitLog cannot both be true."};
  }
  for (const char* key : {"authenticationEnabled", "authorizationEnabled", "aclEnable", "useTLS"}) {
    if (!settings.get_bool(key)) continue;
    return StartRefusal{kBadValue, fmt::format("{}=true is not served by this release: starting without it would leave "
                                               "open what you want protected. Remove the key to run without.",
                                               key)};
  }
  const char* mode = controller                                            ? "enableControllerMode=true"
                     : dledger                                             ? "enableDLegerCommitLog=true"
                     : settings.get_string("configManagerVersion") != "v1" ? "configManagerVersion=v2"
                                                                           : nullptr;
  if (mode == nullptr) return std::nullopt;
  return StartRefusal{kBadValue, fmt::format("{} is not served by this release: starting without it could lose data. "
                                             "Remove the key to run a broker with its own commit log.",
                                             mode)};
}

std::optional<StartRefusal> check_role(Settings& settings) {
  if (settings.get_string("brokerRole") != "SLAVE") {
    settings.assign("brokerId", "0");
    return std::nullopt;
  }
  if (settings.get_int("brokerId") > 0) return std::nullopt;
  return StartRefusal{kBadValue, "Slave's brokerId must be > 0"};
}

}  // namespace

std::optional<StartRefusal> apply_broker_rules(Settings& settings) {
  const std::string name_servers = settings.get_string("namesrvAddr");
  if (!is_address_list(name_servers)) {
    return StartRefusal{kBadValue, fmt::format("The Name Server Address[{}] illegal, please set it as follows, "
                                               "\"127.0.0.1:9876;192.168.0.1:9876\"",
                                               name_servers)};
  }
  if (auto refusal = check_modes(settings)) return refusal;
  if (auto refusal = check_role(settings)) return refusal;

  if (settings.get_int("haListenPort") <= 0) {
    settings.assign("haListenPort", std::to_string(std::min<std::int64_t>(settings.get_int("listenPort") + 1, 65535)));
  }
  const std::string root = settings.get_string("storePathRootDir");
  if (settings.get_string("storePathCommitLog").empty()) settings.assign("storePathCommitLog", root + "/commitlog");
  if (settings.get_string("authConfigPath").empty()) settings.assign("authConfigPath", root + "/config");
  return std::nullopt;
}

}  // namespace ogive::settings
