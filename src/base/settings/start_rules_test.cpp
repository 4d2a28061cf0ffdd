#include "base/settings/start_rules.h"

#include <gtest/gtest.h>

namespace ogive::settings {
namespace {

std::optional<StartRefusal> start(Settings& settings, std::string_view file) {
  EXPECT_FALSE(has_error(settings.load(Properties::parse(file), "file")));
  return apply_broker_rules(settings);
}

std::string refusal_of(std::string_view file) {
  Settings settings(broker_scopes(), Machine{.home = "/home/user"});
  const auto refusal = start(settings, file);
  return refusal ? std::to_string(refusal->exit_status) + " " + refusal->text : "(starts)";
}

TEST(StartRules, FillsInWhatFollows) {
  Settings settings(broker_scopes(), Machine{.home = "/home/user"});
  EXPECT_FALSE(start(settings, "listenPort=20911\nbrokerId=7\nnamesrvAddr=a:1;[::1]:2\n").has_value());
  EXPECT_EQ(settings.get_int("haListenPort"), 20912);
  EXPECT_EQ(settings.get_int("brokerId"), 0);
  EXPECT_EQ(settings.get_string("storePathCommitLog"), "/home/user/store/commitlog");
  EXPECT_EQ(settings.get_string("authConfigPath"), "/home/user/store/config");
}

TEST(StartRules, KeepsWhatIsGiven) {
  Settings settings(broker_scopes(), Machine{.home = "/home/user"});
  EXPECT_FALSE(start(settings, "brokerRole=SYNC_MASTER\nhaListenPort=5\nstorePathCommitLog=/log\n").has_value());
  EXPECT_EQ(settings.get_int("haListenPort"), 5);
  EXPECT_EQ(settings.get_string("storePathCommitLog"), "/log");
}

TEST(StartRules, Refusals) {
  EXPECT_EQ(refusal_of("brokerRole=SLAVE\n"), "253 Slave's brokerId must be > 0");
  EXPECT_EQ(refusal_of("brokerRole=SLAVE\nbrokerId=-1\n"), "253 Slave's brokerId must be > 0");
  EXPECT_EQ(refusal_of("brokerRole=SLAVE\nbrokerId=1\n"), "(starts)");
  for (const char* key : {"authenticationEnabled", "authorizationEnabled", "aclEnable", "useTLS"}) {
    EXPECT_TRUE(refusal_of(std::string(key) + "=true\n").starts_with("253 " + std::string(key))) << key;
  }
  EXPECT_TRUE(refusal_of("namesrvAddr=localhost\n").starts_with("253 The Name Server Address[localhost] illegal"));
  EXPECT_TRUE(refusal_of("namesrvAddr=a:70000\n").starts_with("253 "));
  EXPECT_TRUE(refusal_of("enableControllerMode=true\nenableDLegerCommitLog=true\n").starts_with("252 "));
  EXPECT_TRUE(refusal_of("configManagerVersion=v2\n").starts_with("253 configManagerVersion"));
}

}  // namespace
}  // namespace ogive::settings
