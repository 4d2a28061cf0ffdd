#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "broker/broker_fixture_for_test.h"
#include "message/properties.h"

namespace ogive::broker {
namespace {

class SendPathTest : public BrokerFixture {
 protected:
  /// The stored record as a client gets it.
  std::string send_and_view(const std::string& properties) {
    const Reply sent = send("T", 0, "body", properties);
    EXPECT_EQ(sent.code, 0) << sent.remark;
    const Reply viewed = ask(protocol::request_code::kViewMessageById, {{"offset", std::to_string(next_)}});
    EXPECT_EQ(viewed.code, 0) << viewed.remark;
    next_ += viewed.body.size();
    return viewed.body;
  }
  static std::string pair(const std::string& name, const std::string& value) {
    std::string text;
    message::append_property(text, name, value);
    return text;
  }
  static std::size_t times(const std::string& text, const std::string& piece) {
    std::size_t count = 0;
    for (auto at = text.find(piece); at != std::string::npos; at = text.find(piece, at + 1)) ++count;
    return count;
  }
  std::uint64_t next_ = 0;  ///< Where the next record of the log begins.
};

// A consumer that traces takes region and switch from the message: without them it reports nothing.
TEST_F(SendPathTest, StoresRegionAndTraceSwitchWithTheMessage) {
  make_topic("T", 1);
  for (const std::string& own : {std::string(), pair("UNIQ_KEY", "0A0000010001"),
                                 pair("TAGS", "A") + "UNIQ_KEY\x01"
                                                     "0B"}) {
    const std::string record = send_and_view(own);
    EXPECT_EQ(times(record, pair("MSG_REGION", "DefaultRegion")), 1u) << own;
    EXPECT_EQ(times(record, pair("TRACE_ON", "true")), 1u) << own;
    EXPECT_EQ(times(record, pair("CLUSTER", "DefaultCluster")), 1u) << own;
  }
}

TEST_F(SendPathTest, ReplacesWhatAnotherBrokerStored) {
  make_topic("T", 1);
  const std::string record = send_and_view(pair("UNIQ_KEY", "0A0000010001") + pair("MSG_REGION", "elsewhere") +
                                           pair("TRACE_ON", "false") + pair("CLUSTER", "other"));
  EXPECT_EQ(times(record, "MSG_REGION"), 1u);
  EXPECT_EQ(times(record, pair("MSG_REGION", "DefaultRegion")), 1u);
  EXPECT_EQ(times(record, "TRACE_ON"), 1u);
  EXPECT_EQ(times(record, pair("TRACE_ON", "true")), 1u);
  EXPECT_EQ(times(record, pair("CLUSTER", "DefaultCluster")), 1u);
}

/// The first message makes the topic: it is acknowledged when topics.json has it, because after a crash nobody could
/// read it otherwise.
class FirstMessageTest : public SendPathTest {
 protected:
  static constexpr const char* kTopics = "/store/config/topics.json";

  std::optional<Reply> send_later() {
    auto reply = std::make_shared<std::optional<Reply>>();  // Shared with an answer that may never come.
    TestClient& asking = client();
    clients_["client"].node->reactor().post([this, &asking, reply] {
      asking.client.request(node_.endpoint(kPort),
                            request(protocol::request_code::kSendMessage,
                                    {{"producerGroup", "P"},
                                     {"topic", "New"},
                                     {"defaultTopic", "TBW102"},
                                     {"defaultTopicQueueNums", "4"},
                                     {"queueId", "0"},
                                     {"sysFlag", "0"},
                                     {"bornTimestamp", "1700000000000"},
                                     {"flag", "0"}},
                                    "first"),
                            Milliseconds(20'000),
                            [reply](Result<const protocol::Frame*> frame) { *reply = copy_reply(frame); });
    });
    // The very moment of the answer.
    world_.run_until([&] { return reply->has_value(); }, Milliseconds(5'000));
    return *reply;
  }
  bool saved() {
    const auto text = io::read_file(node_.files(), kTopics, 1u << 20);
    return text && text->find("\"New\"") != std::string::npos;
  }
};

TEST_F(FirstMessageTest, IsAcknowledgedOnceItsTopicIsOnTheDisk) {
  ASSERT_FALSE(saved());
  const auto reply = send_later();
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->code, 0) << reply->remark;
  EXPECT_TRUE(saved());
  node_.kill();  // What was written stays: message and topic.
  node_.restart();
  world_.run_for(Milliseconds(20));
  for (auto& [name, client] : clients_) client.node->restart();
  world_.run_for(Milliseconds(20));
  EXPECT_EQ(ask(protocol::request_code::kGetMaxOffset, {{"topic", "New"}, {"queueId", "0"}}).field("offset"), "1");
  EXPECT_EQ(ask(protocol::request_code::kGetTopicConfig, {{"topic", "New"}}).code, 0);
}

TEST_F(FirstMessageTest, IsRefusedWhileItsTopicCannotBeSaved) {
  node_.disk().add_fault(
      {.op = sim::DiskOp::kSync, .path_contains = "topics.json", .times = 1'000'000, .os_error = EIO});
  const auto reply = send_later();
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->code, protocol::response_code::kServiceNotAvailable);
  EXPECT_FALSE(saved());
  node_.disk().clear_faults();
  const auto again = send_later();  // Asks for another save.
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->code, 0) << again->remark;
  EXPECT_TRUE(saved());
}

class SyncMasterTest : public SendPathTest {
 protected:
  std::map<std::string, std::string> settings() const override { return {{"brokerRole", "SYNC_MASTER"}}; }
};

// "Synchronous dual write" promises a second copy: as long as there is none, the answer says so.
TEST_F(SyncMasterTest, SaysThatNoSlaveHasTheMessageUnlessTheProducerDoesNotCare) {
  make_topic("T", 1);
  EXPECT_EQ(send("T", 0, "body").code, protocol::response_code::kSlaveNotAvailable);
  EXPECT_EQ(send("T", 0, "body", pair("WAIT", "false")).code, protocol::response_code::kSuccess);
}

}  // namespace
}  // namespace ogive::broker
