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
    SettingRow{"authenticationEnabled", kBool, "false", kAtStart, "every request must be signed by a known user"},
    SettingRow{"authenticationProvider", kString, "", kInert, kOneAuthProvider}.unset(),
    SettingRow{"authenticationMetadataProvider", kString, "", kInert, kOneAuthProvider}.unset(),
    SettingRow{"authenticationStrategy", kString, "", kInert, kOneAuthProvider}.unset(),
    SettingRow{"authenticationWhitelist", kString, "", kAtStart, "request codes that need no signature, comma separated"}.unset(),
    SettingRow{"initAuthenticationUser", kString, "", kAtStart, "JSON of the user created at start"}.unset(),
    SettingRow{"innerClientAuthenticationCredentials", kString, "", kAtStart, "JSON of the access and secret key for requests to other servers"}.unset(),
    SettingRow{"authorizationEnabled", kBool, "false", kAtStart, "every request must be allowed by a policy"},
    SettingRow{"authorizationProvider", kString, "", kInert, kOneAuthProvider}.unset(),
    SettingRow{"authorizationMetadataProvider", kString, "", kInert, kOneAuthProvider}.unset(),
    SettingRow{"authorizationStrategy", kString, "", kInert, kOneAuthProvider}.unset(),
    SettingRow{"authorizationWhitelist", kString, "", kAtStart, "request codes that need no policy, comma separated"}.unset(),
    SettingRow{"migrateAuthFromV1Enabled", kBool, "false", kAtStart, "takes users and policies from plain_acl.yml"},
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
