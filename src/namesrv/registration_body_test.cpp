#include "namesrv/registration_body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "protocol/codes.h"

namespace ogive::namesrv {
namespace {

constexpr std::string_view kVersion = R"({"counter":1,"stateVersion":2,"timestamp":1795468361212})";

std::string piece(std::string_view text) {
  std::string out(4, '\0');
  store_be<std::int32_t>(out.data(), static_cast<std::int32_t>(text.size()));
  return out.append(text);
}
std::string number(std::int32_t value) {
  std::string out(4, '\0');
  store_be<std::int32_t>(out.data(), value);
  return out;
}
std::string deflated(const std::string& text) {
  std::string out(compressBound(text.size()), '\0');
  uLongf size = out.size();
  compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(text.data()), text.size(),
            Z_BEST_SPEED);
  out.resize(size);
  return out;
}

Result<Registration> decode(std::string_view body, bool compressed, std::int32_t version = protocol::version::kV5_5_0) {
  Registration registration;
  registration.broker_name = "a";
  const Status status = decode_registration(as_bytes(body), compressed, version, registration);
  if (!status) return fail(status.error());
  return registration;
}

TEST(RegistrationBody, ReadsPlainJson) {
  const auto registration = decode(
      R"({"filterServerList":["10.0.0.1:7"],"topicConfigSerializeWrapper":{"dataVersion":{"counter":1,"stateVersion":2,)"
      R"("timestamp":3},"topicConfigTable":{"T":{"attributes":{},"order":false,"perm":6,"readQueueNums":4,)"
      R"("topicFilterType":"SINGLE_TAG","topicName":"T","topicSysFlag":1,"writeQueueNums":3},"../x":{"perm":6}},)"
      R"("topicQueueMappingInfoMap":{"S":{"bname":"a","currIdMap":{0:0,1:1},"dirty":false,"epoch":9,)"
      R"("scope":"__global__","topic":"S","totalQueues":2}}}})",
      false);
  ASSERT_TRUE(registration.has_value()) << registration.error().message();
  EXPECT_EQ(registration->version, (DataVersion{2, 3, 1}));
  ASSERT_EQ(registration->topics.size(), 1u);  // "../x" is left out.
  EXPECT_EQ(registration->topics[0].queues, (QueueData{4, 3, 6, 1}));
  ASSERT_EQ(registration->mappings.size(), 1u);
  EXPECT_EQ(registration->mappings[0].physical_of_logical.size(), 2u);
  EXPECT_EQ(registration->filter_servers, std::vector<std::string>{"10.0.0.1:7"});
}

TEST(RegistrationBody, ReadsTheCompressedForm) {
  const std::string head = piece(kVersion) + number(2) + piece("ZTopic1 4 3 6 SINGLE_TAG {}") +
                           piece(R"(ZTopic2 1 1 4 SINGLE_TAG {"message.type":"FIFO"})") + piece("[]");
  const auto registration = decode(deflated(head + number(0)), true);
  ASSERT_TRUE(registration.has_value()) << registration.error().message();
  ASSERT_EQ(registration->topics.size(), 2u);
  EXPECT_EQ(registration->topics[0].name, "ZTopic1");
  EXPECT_EQ(registration->topics[0].queues, (QueueData{4, 3, 6, 0}));
  // Brokers before 5.0 send no mappings.
  EXPECT_TRUE(decode(deflated(head), true, protocol::version::kV4_9_4).has_value());
  EXPECT_FALSE(decode(deflated(head), true).has_value());
}

TEST(RegistrationBody, VeryOldBrokersSendTheBareTable) {
  const auto registration = decode(R"({"dataVersion":{"counter":1,"timestamp":3},"topicConfigTable":{"T":{"perm":6,)"
                                   R"("readQueueNums":4,"topicName":"T","writeQueueNums":4}}})",
                                   false, 0);
  ASSERT_TRUE(registration.has_value());
  EXPECT_EQ(registration->topics.size(), 1u);
  EXPECT_FALSE(registration->filter_servers);
}

TEST(RegistrationBody, RefusesWhatIsBrokenOrTooLarge) {
  EXPECT_FALSE(decode("{", false).has_value());
  EXPECT_FALSE(decode("not zlib", true).has_value());
  const std::string whole = deflated(piece(kVersion) + number(0) + piece("[]") + number(0));
  EXPECT_TRUE(decode(whole, true).has_value());
  EXPECT_FALSE(decode(whole.substr(0, whole.size() - 5), true).has_value());
  EXPECT_FALSE(decode(deflated(piece(kVersion) + number(INT32_MAX)), true).has_value());
  EXPECT_FALSE(decode(deflated(piece(kVersion) + number(1) + number(-5)), true).has_value());
  EXPECT_FALSE(decode(deflated(piece(kVersion) + number(1) + piece("T x 4 6 SINGLE_TAG")), true).has_value());
  const auto bomb = decode(deflated(std::string(kMaxInflatedRegistration + 100'000, ' ')), true);
  ASSERT_FALSE(bomb.has_value());
  EXPECT_EQ(bomb.error().code(), Errc::kLimit);
}

TEST(RegistrationBody, ReadsAndWritesDataVersions) {
  const auto version = decode_data_version(kVersion);
  ASSERT_TRUE(version.has_value());
  EXPECT_EQ(encode_data_version(*version), kVersion);
}

}  // namespace
}  // namespace ogive::namesrv
