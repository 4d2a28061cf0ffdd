#include "bench/request_template.h"

#include <gtest/gtest.h>

#include "protocol/codes.h"

namespace ogive::bench {
namespace {

using protocol::FrameWriter;
using protocol::Serialization;

class BothSerializations : public ::testing::TestWithParam<Serialization> {};

TEST_P(BothSerializations, OpaqueAndNumbersAreWrittenIn) {
  io::OutBuffer out;
  FrameWriter writer(out, GetParam(), protocol::request_code::kPullMessage, RequestTemplate::kFirstOpaque, 0);
  writer.field("queueOffset", RequestTemplate::kDecimalPlace);
  writer.field("key", std::string("AB") + std::string(RequestTemplate::kHexPlace));
  writer.finish(std::string_view("body"));
  const RequestTemplate request(take_bytes(out), GetParam());
  request.write(out, 42, 255);
  const std::string bytes = take_bytes(out);
  EXPECT_EQ(bytes.size(), request.size());
  protocol::Frame frame;
  ASSERT_TRUE(frame.decode(as_bytes(bytes)).has_value());
  EXPECT_EQ(frame.opaque, RequestTemplate::kFirstOpaque + 42);
  EXPECT_EQ(frame.find("queueOffset"), "0000000000000000255");
  EXPECT_EQ(frame.find("key"), "AB0000000000000100");
  EXPECT_EQ(as_chars(frame.body), "body");
}

TEST_P(BothSerializations, RepliesAreScanned) {
  io::OutBuffer out;
  FrameWriter writer(out, GetParam(), 25, 1'000'000'007, protocol::kResponseFlag);
  writer.remark("\"opaque\":3 and {\"code\":4");
  writer.field("queueOffset", 12);
  writer.finish();
  const std::string bytes = take_bytes(out);
  protocol::Frame scratch;
  const auto reply = scan_reply(as_bytes(bytes), scratch);
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->code, 25);
  EXPECT_EQ(reply->opaque, 1'000'000'007);
}

INSTANTIATE_TEST_SUITE_P(Frames, BothSerializations, ::testing::Values(Serialization::kJson, Serialization::kRocketmq));

TEST(ScanReply, AnUnusualFormIsDecodedAndBrokenBytesAreRefused) {
  const std::string header = R"({ "opaque" : 9, "code" : 3, "flag" : 1 })";
  std::string bytes(8, '\0');
  store_be(bytes.data(), static_cast<std::uint32_t>(4 + header.size()));
  store_be(bytes.data() + 4, static_cast<std::uint32_t>(header.size()));
  bytes += header;
  protocol::Frame scratch;
  const auto reply = scan_reply(as_bytes(bytes), scratch);
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->code, 3);
  EXPECT_EQ(reply->opaque, 9);
  EXPECT_FALSE(scan_reply(as_bytes(bytes).first(20), scratch).has_value());
  EXPECT_FALSE(scan_reply(as_bytes(bytes).first(3), scratch).has_value());
}

}  // namespace
}  // namespace ogive::bench
