// table: keys of NettyClientConfig, in the order of RocketMQ 5.5.0.
#include "base/settings/inert_reasons.h"
#include "base/settings/setting_table.h"

namespace ogive::settings {
namespace {

using enum SettingType;
using enum SettingUse;

// clang-format off
constexpr SettingRow kRows[] = {
    SettingRow{"clientWorkerThreads", kInt32, "4", kInert, kNoPools}.at_least(0),
    SettingRow{"clientCallbackExecutorThreads", kInt32, "", kInert, kNoPools}.computed().at_least(0),
    SettingRow{"clientOnewaySemaphoreValue", kInt32, "65535", kInert, kNetty}.at_least(0),
    SettingRow{"clientAsyncSemaphoreValue", kInt32, "65535", kInert, kNetty}.at_least(0),
    SettingRow{"connectTimeoutMillis", kInt32, "3000", kAtStart, "limit for connecting to another server"}.at_least(0),
    SettingRow{"channelNotActiveInterval", kInt64, "60000", kInert, kNetty}.at_least(0),
    SettingRow{"isScanAvailableNameSrv", kBool, "true", kInert, kNetty}.set_as("scanAvailableNameSrv"),
    SettingRow{"clientChannelMaxIdleTimeSeconds", kInt32, "120", kAtStart, "seconds without traffic after which an outgoing connection is closed"}.at_least(0),
    SettingRow{"clientSocketSndBufSize", kInt32, "0", kInert, kSystemBuffers}.at_least(0),
    SettingRow{"clientSocketRcvBufSize", kInt32, "0", kInert, kSystemBuffers}.at_least(0),
    SettingRow{"clientPooledByteBufAllocatorEnable", kBool, "false", kInert, kNetty},
    SettingRow{"clientCloseSocketIfTimeout", kBool, "true", kInert, kNetty},
    SettingRow{"useTLS", kBool, "false", kAtStart, "outgoing connections use TLS: refused at start, this release has none"},
    SettingRow{"socksProxyConfig", kString, "{}", kInert, kNetty},
    SettingRow{"writeBufferHighWaterMark", kInt32, "0", kInert, kNetty}.at_least(0),
    SettingRow{"writeBufferLowWaterMark", kInt32, "0", kInert, kNetty}.at_least(0),
    SettingRow{"disableCallbackExecutor", kBool, "false", kInert, kNetty},
    SettingRow{"disableNettyWorkerGroup", kBool, "false", kInert, kNoPools},
    SettingRow{"maxReconnectIntervalTimeSeconds", kInt64, "60", kInert, kNetty}.at_least(0),
    SettingRow{"enableReconnectForGoAway", kBool, "true", kInert, kNetty},
};
// clang-format on

}  // namespace

std::span<const SettingRow> netty_client_rows() {
  return kRows;
}

}  // namespace ogive::settings
