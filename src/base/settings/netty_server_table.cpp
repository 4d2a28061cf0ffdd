// table: keys of NettyServerConfig, in the order of RocketMQ 5.5.0.
#include "base/settings/inert_reasons.h"
#include "base/settings/setting_table.h"

namespace ogive::settings {
namespace {

using enum SettingType;
using enum SettingUse;

// clang-format off
constexpr SettingRow kRows[] = {
    SettingRow{"bindAddress", kString, "0.0.0.0", kAtStart, "address to listen on"},
    SettingRow{"listenPort", kInt32, "0", kAtStart, "port for clients"}.within(0, 65535),
    SettingRow{"serverWorkerThreads", kInt32, "8", kInert, kNoPools}.at_least(0),
    SettingRow{"serverCallbackExecutorThreads", kInt32, "0", kInert, kNoPools}.at_least(0),
    SettingRow{"serverSelectorThreads", kInt32, "3", kInert, kNoPools}.at_least(0),
    SettingRow{"serverOnewaySemaphoreValue", kInt32, "256", kInert, kNetty}.at_least(0),
    SettingRow{"serverAsyncSemaphoreValue", kInt32, "64", kInert, kNetty}.at_least(0),
    SettingRow{"serverChannelMaxIdleTimeSeconds", kInt32, "120", kAtStart, "seconds without traffic after which a client connection is closed"}.at_least(0),
    SettingRow{"serverSocketSndBufSize", kInt32, "0", kAtStart, "send buffer of a connection in bytes, 0 leaves it to the system"}.at_least(0),
    SettingRow{"serverSocketRcvBufSize", kInt32, "0", kAtStart, "receive buffer of a connection in bytes, 0 leaves it to the system"}.at_least(0),
    SettingRow{"writeBufferHighWaterMark", kInt32, "0", kInert, kNetty}.at_least(0),
    SettingRow{"writeBufferLowWaterMark", kInt32, "0", kInert, kNetty}.at_least(0),
    SettingRow{"serverSocketBacklog", kInt32, "1024", kAtStart, "length of the queue of connections not yet accepted"}.at_least(0),
    SettingRow{"serverNettyWorkerGroupEnable", kBool, "true", kInert, kNoPools},
    SettingRow{"serverPooledByteBufAllocatorEnable", kBool, "true", kInert, kNetty},
    SettingRow{"enableShutdownGracefully", kBool, "false", kInert, kDrains},
    SettingRow{"shutdownWaitTimeSeconds", kInt32, "30", kInert, kDrains}.at_least(0),
    SettingRow{"useEpollNativeSelector", kBool, "false", kInert, kNetty},
};
// clang-format on

}  // namespace

std::span<const SettingRow> netty_server_rows() {
  return kRows;
}

}  // namespace ogive::settings
