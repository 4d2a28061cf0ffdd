// readFlushedOnly as consumers meet it: pulls, queue ends, and long polls that end with the flush.

#include "broker/broker.h"
#include "broker/broker_fixture_for_test.h"

namespace ogive::broker {
namespace {

namespace request_code = protocol::request_code;
namespace response_code = protocol::response_code;

class ReadFlushedTest : public BrokerFixture {
 protected:
  std::map<std::string, std::string> settings() const override {
    return {{"readFlushedOnly", "true"}, {"flushIntervalCommitLog", "60000"}};
  }
  void SetUp() override {
    BrokerFixture::SetUp();
    ASSERT_EQ(make_topic("T", 1).code, 0);
    ASSERT_EQ(make_group("G").code, 0);
    consume("client", "G", "T");
    world_.run_for(Milliseconds(1'000));
    node_.disk().set_sync_time(200'000, 200'000);
  }
  static remoting::Message pull(std::int64_t offset, std::int64_t wait_ms) {
    return request(request_code::kPullMessage, {{"consumerGroup", "G"},
                                                {"topic", "T"},
                                                {"queueId", "0"},
                                                {"queueOffset", std::to_string(offset)},
                                                {"maxMsgNums", "32"},
                                                {"sysFlag", wait_ms == 0 ? "0" : "2"},
                                                {"commitOffset", "0"},
                                                {"suspendTimeoutMillis", std::to_string(wait_ms)},
                                                {"subVersion", "0"}});
  }
  std::string end() { return ask(request_code::kGetMaxOffset, {{"topic", "T"}, {"queueId", "0"}}).field("offset"); }
};

TEST_F(ReadFlushedTest, AnAcknowledgedMessageIsNotSeenBeforeItsFlush) {
  ASSERT_EQ(send("T", 0, "body").code, 0);
  EXPECT_EQ(end(), "0");
  EXPECT_EQ(ask(pull(0, 0)).code, response_code::kPullNotFound);
}

TEST_F(ReadFlushedTest, ALongPollEndsWithTheFlushOfWhatItWaitsFor) {
  ASSERT_EQ(send("T", 0, "first").code, 0);
  ASSERT_EQ(ask(pull(0, 10'000)).code, 0);                 // Its flush keeps the next one waiting for 200 ms.
  auto answer = std::make_shared<std::optional<Reply>>();  // Shared with the answer, which comes on the client's node.
  TestClient& waiting = client("client");
  clients_["client"].node->reactor().post([this, &waiting, answer] {
    waiting.client.request(node_.endpoint(kPort), pull(1, 10'000), Milliseconds(20'000),
                           [answer](Result<const protocol::Frame*> frame) { *answer = copy_reply(frame); });
  });
  world_.run_for(Milliseconds(20));
  ASSERT_EQ(broker_->parked_polls(), 1u);
  ASSERT_EQ(send("T", 0, "body").code, 0);
  world_.run_for(Milliseconds(100));
  EXPECT_FALSE(answer->has_value()) << "the device does not have it yet";
  world_.run_for(Milliseconds(300));
  ASSERT_TRUE(answer->has_value());
  EXPECT_EQ((*answer)->code, 0);
  EXPECT_EQ((*answer)->field("maxOffset"), "2");
  EXPECT_EQ(end(), "2");
}

TEST_F(ReadFlushedTest, APollThatComesAfterTheMessageDoesNotWaitForTheInterval) {
  ASSERT_EQ(send("T", 0, "body").code, 0);
  const std::int64_t before_ms = node_.clock().monotonic_ms();
  const Reply found = ask(pull(0, 10'000));
  EXPECT_EQ(found.code, 0);
  EXPECT_EQ(found.field("nextBeginOffset"), "1");
  EXPECT_LT(node_.clock().monotonic_ms() - before_ms, 1'000);
}

}  // namespace
}  // namespace ogive::broker
