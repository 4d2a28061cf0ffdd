// table: keys of AuthConfig, in the order of RocketMQ 5.5.0.
#include "base/settings/inert_reasons.h"
#include "base/settings/setting_table.h"

namespace ogive::settings {
namespace {

using enum SettingType;
using enum SettingUse;

// clang-format off
constexpr SettingRow kRows[] = {
    SettingRow{"configName", kString, "", kInert, kOneAuthProvider}.unset(),
    SettingRow{"clusterName", kString, "", kInert, kOneAuthProvider}.unset(),
    SettingRow{"authConfigPath", kString, "", kAtStart, "directory of the users and policies"}.unset(),
    SettingRow{"authenticationEnabled", kBool, "false", kAtStart, "every request must be signed by a known user: refused at start, this release does not check"},
    SettingRow{"authenticationProvider", kString, "", kInert, kOneAuthProvider}.unset(),
    SettingRow{"authenticationMetadataProvider", kString, "", kInert, kOneAuthProvider}.unset(),
    SettingRow{"authenticationStrategy", kString, "", kInert, kOneAuthProvider}.unset(),
    SettingRow{"authenticationWhitelist", kString, "", kInert, kNoAuth}.unset(),
    SettingRow{"initAuthenticationUser", kString, "", kInert, kNoAuth}.unset(),
    SettingRow{"innerClientAuthenticationCredentials", kString, "", kInert, kNoAuth}.unset(),
    SettingRow{"authorizationEnabled", kBool, "false", kAtStart, "every request must be allowed by a policy: refused at start, this release does not check"},
    SettingRow{"authorizationProvider", kString, "", kInert, kOneAuthProvider}.unset(),
    SettingRow{"authorizationMetadataProvider", kString, "", kInert, kOneAuthProvider}.unset(),
    SettingRow{"authorizationStrategy", kString, "", kInert, kOneAuthProvider}.unset(),
    SettingRow{"authorizationWhitelist", kString, "", kInert, kNoAuth}.unset(),
    SettingRow{"migrateAuthFromV1Enabled", kBool, "false", kInert, kNoAuth},
    SettingRow{"userCacheMaxNum", kInt32, "1000", kInert, kOneAuthProvider}.at_least(0),
    SettingRow{"userCacheExpiredSecond", kInt32, "600", kInert, kOneAuthProvider}.at_least(0),
    SettingRow{"userCacheRefreshSecond", kInt32, "60", kInert, kOneAuthProvider}.at_least(0),
    SettingRow{"aclCacheMaxNum", kInt32, "1000", kInert, kOneAuthProvider}.at_least(0),
    SettingRow{"aclCacheExpiredSecond", kInt32, "600", kInert, kOneAuthProvider}.at_least(0),
    SettingRow{"aclCacheRefreshSecond", kInt32, "60", kInert, kOneAuthProvider}.at_least(0),
    SettingRow{"statefulAuthenticationCacheMaxNum", kInt32, "10000", kInert, kOneAuthProvider}.at_least(0),
    SettingRow{"statefulAuthenticationCacheExpiredSecond", kInt32, "60", kInert, kOneAuthProvider}.at_least(0),
    SettingRow{"statefulAuthorizationCacheMaxNum", kInt32, "10000", kInert, kOneAuthProvider}.at_least(0),
    SettingRow{"statefulAuthorizationCacheExpiredSecond", kInt32, "60", kInert, kOneAuthProvider}.at_least(0),
};
// clang-format on

}  // namespace

std::span<const SettingRow> auth_rows() {
  return kRows;
}

}  // namespace ogive::settings
