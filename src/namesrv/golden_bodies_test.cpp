// Bodies against what RocketMQ 5.5.0 was recorded to send and to accept.

#include <gtest/gtest.h>

#include "namesrv/registration_body.h"
#include "namesrv/route_body.h"
#include "namesrv/route_table.h"
#include "protocol/codes.h"
#include "protocol/frame.h"
#include "protocol/golden_frames_for_test.h"

namespace ogive::namesrv {
namespace {

/// Visits recorded requests of `code` with their responses.
void for_each_exchange(
    std::int32_t code,
    const std::function<void(const protocol::Frame& request, const protocol::Frame& response)>& visit) {
  protocol::GoldenFrame request;
  protocol::for_each_golden_frame([&](const protocol::GoldenFrame& golden) {
    if (golden.kind == "request") {
      request = golden;
      return;
    }
    if (request.code != code || golden.opaque != request.opaque) return;
    protocol::Frame sent, answered;
    ASSERT_TRUE(sent.decode(as_bytes(request.raw)).has_value()) << request.where;
    ASSERT_TRUE(answered.decode(as_bytes(golden.raw)).has_value()) << golden.where;
    visit(sent, answered);
  });
}

Registration recorded_broker() {
  Registration registration;
  registration.key = {"DefaultCluster", "127.0.0.1:20911"};
  registration.broker_name = "broker-a";
  registration.enable_acting_master = false;
  registration.topics = {{"TopicA", {4, 4, 6, 0}}, {"TopicB", {2, 1, 6, 0}}};
  return registration;
}

TEST(GoldenBodies, RoutesAreTheRecordedBytesInBothFlavours) {
  RouteTable table({});
  table.register_broker(recorded_broker(), 1);
  int compared = 0;
  for_each_exchange(protocol::request_code::kGetRouteinfoByTopic, [&](const auto& request, const auto& response) {
    if (request.find("topic") != "TopicA" || response.code != 0) return;
    const bool standard =
        request.version >= protocol::version::kV4_9_4 || request.find("acceptStandardJsonOnly") == "true";
    const auto body = table.route_body("TopicA", standard ? JsonFlavour::kStandard : JsonFlavour::kLegacy);
    ASSERT_NE(body, nullptr);
    EXPECT_EQ(*body, as_chars(response.body)) << "version " << request.version;
    ++compared;
  });
  EXPECT_GE(compared, 4);
}

TEST(GoldenBodies, ClusterInfoIsTheRecordedBytes) {
  RouteTable table({});
  const std::string empty = table.cluster_info_body();
  table.register_broker(recorded_broker(), 1);
  int compared = 0;
  for_each_exchange(protocol::request_code::kGetBrokerClusterInfo, [&](const auto&, const auto& response) {
    const std::string_view recorded = as_chars(response.body);
    if (recorded.find("broker-b") != std::string_view::npos || recorded.find("21911") != std::string_view::npos) return;
    EXPECT_TRUE(recorded == empty || recorded == table.cluster_info_body()) << recorded;
    ++compared;
  });
  EXPECT_GE(compared, 2);
}

TEST(GoldenBodies, RegistrationsAreReadAsRocketmqReadsThem) {
  int taken = 0;
  for_each_exchange(protocol::request_code::kRegisterBroker, [&](const auto& request, const auto& response) {
    if (response.remark == "crc32 not match") return;
    Registration registration;
    const Status status =
        decode_registration(request.body, request.find("compressed") == "true", request.version, registration);
    EXPECT_EQ(status.has_value(), response.code == 0) << request.version << (status ? "" : status.error().message());
    if (status) ++taken;
  });
  EXPECT_GE(taken, 4);
}

TEST(GoldenBodies, DataVersionsAndMemberGroupsAreTheRecordedBytes) {
  int compared = 0;
  for_each_exchange(protocol::request_code::kQueryDataVersion, [&](const auto&, const auto& response) {
    const auto version = decode_data_version(as_chars(response.body));
    ASSERT_TRUE(version.has_value());
    EXPECT_EQ(encode_data_version(*version), as_chars(response.body));
    ++compared;
  });
  for_each_exchange(protocol::request_code::kGetBrokerMemberGroup, [&](const auto&, const auto& response) {
    EXPECT_EQ(encode_member_group("DefaultCluster", "broker-z", {{2, "127.0.0.1:21911"}}), as_chars(response.body));
    ++compared;
  });
  EXPECT_GE(compared, 2);
}

}  // namespace
}  // namespace ogive::namesrv
