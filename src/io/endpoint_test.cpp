#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/network.h"
#include "io/socket_address.h"

namespace ogive::io {
namespace {

using ::testing::HasSubstr;

TEST(Endpoint, ReadsEveryFormAndPrintsOne) {
  for (const auto& [text, printed] : {std::pair("10.0.0.1:9876", "10.0.0.1:9876"),
                                      {"0.0.0.0:0", "0.0.0.0:0"},
                                      {"255.255.255.255:65535", "255.255.255.255:65535"},
                                      {"[fd00::1]:9876", "[fd00::1]:9876"},
                                      {"fd00::1:9876", "[fd00::1]:9876"},
                                      {"0:0:0:0:0:0:0:1:10911", "[::1]:10911"},
                                      {"[fe80::1%eth0]:1", "[fe80::1]:1"},
                                      {"[::]:80", "[::]:80"}}) {
    const auto endpoint = Endpoint::parse(text);
    ASSERT_TRUE(endpoint.has_value()) << text << ": " << endpoint.error().message();
    EXPECT_EQ(endpoint->to_string(), printed);
    EXPECT_EQ(*Endpoint::parse(endpoint->to_string()), *endpoint);
  }
}

TEST(Endpoint, RefusesEverythingElseNamingIt) {
  for (const char* text : {"", ":", "9876", "10.0.0.1", "10.0.0.1:", "10.0.0.1:65536", "10.0.0.1:-1", "10.0.0.1:1x",
                           "10.0.0.1: 1", "10.0.0:1", "10.0.0.256:1", "[10.0.0.1]:1", "[fd00::1:1", "localhost:1",
                           "[]:1", "fd00::g:1", "10.0.0.1:99999999999"}) {
    const auto endpoint = Endpoint::parse(text);
    ASSERT_FALSE(endpoint.has_value()) << text;
    EXPECT_EQ(endpoint.error().code(), Errc::kInvalidArgument);
    EXPECT_THAT(endpoint.error().message(), HasSubstr("'" + std::string(text) + "'"));
  }
}

TEST(Endpoint, SurvivesTheKernelsFormAndUnmapsIpv4) {
  for (const char* text : {"192.168.1.7:10911", "[fd00::1:2]:9876"}) {
    sockaddr_storage address;
    const Endpoint endpoint = *Endpoint::parse(text);
    to_socket_address(endpoint, address);
    EXPECT_EQ(from_socket_address(address), endpoint);
  }
  sockaddr_storage mapped;
  to_socket_address(*Endpoint::parse("[::ffff:10.1.2.3]:5"), mapped);
  EXPECT_EQ(from_socket_address(mapped).to_string(), "10.1.2.3:5");
  EXPECT_EQ(local_endpoint(-1).to_string(), "0.0.0.0:0");
}

}  // namespace
}  // namespace ogive::io
