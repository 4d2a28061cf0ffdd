// table: keys of BrokerIdentity, in the order of RocketMQ 5.5.0.
#include "base/settings/inert_reasons.h"
#include "base/settings/setting_table.h"

namespace ogive::settings {
namespace {

using enum SettingType;
using enum SettingUse;

// clang-format off
constexpr SettingRow kRows[] = {
    SettingRow{"brokerName", kString, "", kAtStart, "name of the replica group: a master and its slaves share it"}.computed().as_important(),
    SettingRow{"brokerClusterName", kString, "DefaultCluster", kAtStart, "name of the cluster the broker belongs to; also a topic"}.as_important(),
    SettingRow{"brokerId", kInt64, "0", kAtStart, "0 for the master, above 0 for a slave"}.as_important().at_least(-1),
    SettingRow{"isBrokerContainer", kBool, "false", kInert, kNoSuchMechanism},
    SettingRow{"isInBrokerContainer", kBool, "false", kInert, kNoSuchMechanism}.set_as("inBrokerContainer"),
};
// clang-format on

}  // namespace

std::span<const SettingRow> broker_identity_rows() {
  return kRows;
}

}  // namespace ogive::settings
