#include "base/settings/setting_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ogive::settings {
namespace {

/// Defaults that depend on the number of cores, as RocketMQ computes them.
std::string default_by_cores(std::string_view name, int cores) {
  if (name == "sendMessageThreadPoolNums" || name == "putMessageFutureThreadPoolNums") {
    return std::to_string(std::min(cores, 4));
  }
  if (name == "pullMessageThreadPoolNums" || name == "litePullMessageThreadPoolNums" ||
      name == "processReplyMessageThreadPoolNums") {
    return std::to_string(16 + cores * 2);
  }
  if (name == "queryMessageThreadPoolNums") return std::to_string(8 + cores);
  if (name == "endTransactionThreadPoolNums") return std::to_string(8 + cores * 2);
  if (name == "heartbeatThreadPoolNums") return std::to_string(std::min(cores, 32));
  if (name == "clientCallbackExecutorThreads") return std::to_string(cores);
  return {};
}

using Override = Scope::Override;
constexpr std::array<Override, 1> kBrokerPort{{{"listenPort", "10911"}}};
constexpr std::array<Override, 1> kNamesrvPort{{{"listenPort", "9876"}}};
constexpr std::array<Override, 1> kBrokerStore{{{"haListenPort", "0"}}};

}  // namespace

std::string computed_default(std::string_view name, const Machine& machine) {
  if (name == "rocketmqHome") return machine.rocketmq_home;
  if (name == "namesrvAddr") return machine.namesrv_addr;
  if (name == "brokerIP1" || name == "brokerIP2") return machine.local_ip;
  if (name == "brokerName") return machine.host_name.empty() ? "DEFAULT_BROKER" : machine.host_name;
  if (name == "storePathRootDir") return machine.home + "/store";
  if (name == "kvConfigPath") return machine.home + "/namesrv/kvConfig.json";
  if (name == "configStorePath") return machine.home + "/namesrv/namesrv.properties";
  return default_by_cores(name, std::max(machine.cores, 1));
}

std::span<const Scope> broker_scopes() {
  static const std::array<Scope, 7> scopes{{
      {"BrokerIdentity", broker_identity_rows(), false, true, {}},
      {"BrokerConfig", broker_rows(), true, true, {}},
      {"NettyServerConfig", netty_server_rows(), true, true, kBrokerPort},
      {"NettyClientConfig", netty_client_rows(), true, true, {}},
      {"AuthConfig", auth_rows(), true, false, {}},
      {"MessageStoreConfig", store_rows(), false, true, kBrokerStore},
      {"Ogive", ogive_rows(), false, true, {}},
  }};
  return scopes;
}

std::span<const Scope> namesrv_scopes() {
  static const std::array<Scope, 3> scopes{{
      {"NamesrvConfig", namesrv_rows(), true, true, {}},
      {"NettyServerConfig", netty_server_rows(), true, true, kNamesrvPort},
      {"Ogive", ogive_rows(), false, true, {}},
  }};
  return scopes;
}

}  // namespace ogive::settings
