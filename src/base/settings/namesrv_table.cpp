// table: keys of NamesrvConfig, in the order of RocketMQ 5.5.0.
#include "base/settings/inert_reasons.h"
#include "base/settings/setting_table.h"

namespace ogive::settings {
namespace {

using enum SettingType;
using enum SettingUse;

// clang-format off
constexpr SettingRow kRows[] = {
    SettingRow{"rocketmqHome", kString, "", kAtStart, "directory of the installation"}.computed(),
    SettingRow{"kvConfigPath", kString, "", kAtStart, "file of the key-value configuration"}.computed(),
    SettingRow{"configStorePath", kString, "", kAtStart, "file into which changes at run time are written"}.computed(),
    SettingRow{"productEnvName", kString, "center", kInert, kNoSuchMechanism},
    SettingRow{"clusterTest", kBool, "false", kInert, kNoSuchMechanism},
    SettingRow{"orderMessageEnable", kBool, "false", kLive, "adds the order configuration to routes"},
    SettingRow{"returnOrderTopicConfigToBroker", kBool, "true", kLive, "returns order configurations at registration"},
    SettingRow{"clientRequestThreadPoolNums", kInt32, "8", kInert, kNoPools}.at_least(0),
    SettingRow{"defaultThreadPoolNums", kInt32, "16", kInert, kNoPools}.at_least(0),
    SettingRow{"clientRequestThreadPoolQueueCapacity", kInt32, "50000", kInert, kNoQueues}.at_least(0),
    SettingRow{"defaultThreadPoolQueueCapacity", kInt32, "10000", kInert, kNoQueues}.at_least(0),
    SettingRow{"scanNotActiveBrokerInterval", kInt64, "5000", kAtStart, "milliseconds between looks for silent brokers"}.at_least(1),
    SettingRow{"unRegisterBrokerQueueCapacity", kInt32, "3000", kAtStart, "brokers whose departure may wait to be worked off"}.at_least(0),
    SettingRow{"supportActingMaster", kBool, "false", kLive, "a slave may act for its master"},
    SettingRow{"enableAllTopicList", kBool, "true", kLive, "answers the list of all topics"},
    SettingRow{"enableTopicList", kBool, "true", kLive, "answers lists of topics"},
    SettingRow{"notifyMinBrokerIdChanged", kBool, "false", kLive, "tells brokers when the smallest id of their group changes"},
    SettingRow{"enableControllerInNamesrv", kBool, "false", kInert, kNoController},
    SettingRow{"needWaitForService", kBool, "false", kLive, "no routes until brokers had time to register"},
    SettingRow{"waitSecondsForService", kInt32, "45", kLive, "seconds of that wait"}.at_least(0),
    SettingRow{"deleteTopicWithBrokerRegistration", kBool, "false", kLive, "a registration drops the topics it no longer names"},
    SettingRow{"configBlackList", kString, "configBlackList;configStorePath;kvConfigPath", kLive, "keys that cannot be changed at run time, separated by ';'"},
};
// clang-format on

}  // namespace

std::span<const SettingRow> namesrv_rows() {
  return kRows;
}

}  // namespace ogive::settings
