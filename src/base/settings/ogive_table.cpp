// table: keys that RocketMQ does not have.
#include "base/settings/setting_table.h"

namespace ogive::settings {
namespace {

using enum SettingType;
using enum SettingUse;

// clang-format off
constexpr SettingRow kRows[] = {
    SettingRow{"reactorThreads", kInt32, "0", kAtStart, "event loops; 0 is one per core, at most 8, and one for a name server"}.within(0, 64),
    SettingRow{"blockingThreads", kInt32, "2", kAtStart, "threads for what may wait for a disk: cold reads, metadata files"}.within(1, 64),
    SettingRow{"acceptProxyProtocol", kBool, "false", kAtStart, "connections may begin with a PROXY protocol header (v1 or v2) that names the real client; only behind a load balancer, for others could claim to be anybody"},
    SettingRow{"haSendWindow", kInt64, "4194304", kLive, "bytes sent to a slave and not yet acknowledged by it"}.within(65536, 1073741824),
    SettingRow{"haAllowedAddresses", kString, "", kLive, "addresses slaves may replicate from, comma separated; any when empty"},
    SettingRow{"haSharedSecret", kString, "", kAtStart, "what the nodes of a replica group prove to each other to know before anything is replicated, 16 characters or more; shown by no command"}.as_secret(),
    SettingRow{"logDirectory", kString, "", kAtStart, "directory of the log files; ~/logs/rocketmqlogs when empty"},
    SettingRow{"readFlushedOnly", kBool, "false", kAtStart, "consumers see only messages that are on the device: nothing they have seen is lost with the power, whatever flushDiskType says"},
    SettingRow{"retentionBytes", kInt64, "0", kLive, "bytes of the commit log that are kept at most, oldest messages go first; 0 for no such limit"}.at_least(0),
};
// clang-format on

}  // namespace

std::span<const SettingRow> ogive_rows() {
  return kRows;
}

}  // namespace ogive::settings
