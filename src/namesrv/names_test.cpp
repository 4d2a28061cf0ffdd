#include "namesrv/names.h"

#include <gtest/gtest.h>

#include <string>

namespace ogive::namesrv {
namespace {

TEST(Names, AcceptWhatBrokersAreCalled) {
  for (const char* name :
       {"TopicA", "%RETRY%g_t", "%DLQ%g", "rmq_sys_wheel_timer", "my-host.example.org", "a|b", "%LMQ%x"}) {
    EXPECT_TRUE(check_name("topic", name).has_value()) << name;
  }
  EXPECT_TRUE(check_name("topic", std::string(255, 'x')).has_value());
}

TEST(Names, RefuseWhatCouldLeaveADirectoryOrALine) {
  for (const char* name : {"", "../x", "..", ".", ".hidden", "a/b", "a\\b", "a b", "a\nb", "\xc3\xbc", "a;b"}) {
    const Status status = check_name("topic", name);
    ASSERT_FALSE(status.has_value()) << name;
    EXPECT_EQ(status.error().code(), Errc::kInvalidArgument);
  }
  EXPECT_FALSE(check_name("topic", std::string(256, 'x')).has_value());
}

TEST(Names, AddressesNeedAHostAndAPort) {
  for (const char* good : {"10.0.0.1:10911", "[fd00::1]:1", "fd00::1:10911", "broker-a.svc:65535"}) {
    EXPECT_TRUE(check_address("broker address", good).has_value()) << good;
  }
  for (const char* bad : {"", "10.0.0.1", ":1", "h:", "h:70000", "h:1x", "../h:1", "h h:1"}) {
    EXPECT_FALSE(check_address("broker address", bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace ogive::namesrv
