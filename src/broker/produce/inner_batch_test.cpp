// Batches to a topic with queue.type=BatchCQ: one record each, offsets by message.

#include "broker/broker_fixture_for_test.h"
#include "message/properties.h"
#include "message/record.h"
#include "message/sys_flag.h"
#include "protocol/batch.h"

namespace ogive::broker {
namespace {

namespace request_code = protocol::request_code;
namespace response_code = protocol::response_code;

class InnerBatchTest : public BrokerFixture {
 protected:
  void SetUp() override {
    BrokerFixture::SetUp();
    const Reply made = ask(topic_request("B", {.queues = 1, .order = "false", .attributes = "+queue.type=BatchCQ"}));
    ASSERT_EQ(made.code, 0) << made.remark;
    ASSERT_EQ(make_group("G").code, 0);
    consume("client", "G", "B");
  }
  static std::string batch_of(int count, const std::string& properties = {}) {
    std::string batch;
    for (int i = 0; i < count; ++i) {
      const std::string body = "part " + std::to_string(i);
      protocol::append_batch_item(batch, {0, as_bytes(body), properties});
    }
    return batch;
  }
  Reply send_batch(const std::string& topic, int count, const std::string& key,
                   std::int32_t code = request_code::kSendBatchMessage) {
    std::string properties;
    if (!key.empty()) message::append_property(properties, "UNIQ_KEY", key);
    // The short header of 310 and 320: one letter a field.
    return ask(code,
               {{"a", "P"},
                {"b", topic},
                {"c", "TBW102"},
                {"d", "4"},
                {"e", "0"},
                {"f", "0"},
                {"g", "1700000000000"},
                {"h", "0"},
                {"i", properties},
                {"j", "0"},
                {"k", "false"},
                {"m", "true"}},
               batch_of(count));
  }
  Reply pull(std::int64_t offset) {
    return ask(request_code::kPullMessage, {{"consumerGroup", "G"},
                                            {"topic", "B"},
                                            {"queueId", "0"},
                                            {"queueOffset", std::to_string(offset)},
                                            {"maxMsgNums", "1"},
                                            {"sysFlag", "0"},
                                            {"commitOffset", "0"},
                                            {"suspendTimeoutMillis", "0"},
                                            {"subVersion", "0"}});
  }
  std::string end() { return ask(request_code::kGetMaxOffset, {{"topic", "B"}, {"queueId", "0"}}).field("offset"); }
};

TEST_F(InnerBatchTest, OffsetsCountMessages) {
  const Reply first = send_batch("B", 3, "KEY1");
  ASSERT_EQ(first.code, 0) << first.remark;
  EXPECT_EQ(first.field("queueOffset"), "0");
  EXPECT_EQ(first.field("batchUniqId"), "KEY1");
  EXPECT_EQ(first.field("msgId").size(), 32u) << "one record, one id";
  const Reply second = send_batch("B", 5, "KEY2", request_code::kSendMessageV2);
  EXPECT_EQ(second.field("queueOffset"), "3");
  EXPECT_EQ(second.field("batchUniqId"), "KEY2");
  EXPECT_EQ(send("B", 0, "alone").field("queueOffset"), "8");
  EXPECT_EQ(end(), "9");

  const Reply pulled = pull(4);  // In the middle of the second batch: the whole record comes.
  ASSERT_EQ(pulled.code, 0) << pulled.remark;
  EXPECT_EQ(pulled.field("nextBeginOffset"), "8");
  const auto record = message::decode_record(as_bytes(pulled.body));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->queue_offset, 3);
  EXPECT_EQ(record->sys_flag & (message::kNeedUnwrap | message::kInnerBatch),
            message::kNeedUnwrap | message::kInnerBatch);
  EXPECT_EQ(as_chars(record->body), batch_of(5));
  EXPECT_EQ(message::find_property(record->properties, "INNER_NUM"), "5");
  EXPECT_EQ(message::find_property(record->properties, "INNER_BASE"), "0000000000000000003");
  EXPECT_EQ(message::find_property(record->properties, "UNIQ_KEY"), "KEY2");
  EXPECT_TRUE(message::body_crc_matches(*record));
}

TEST_F(InnerBatchTest, OffsetsGoOnBehindARestart) {
  ASSERT_EQ(send_batch("B", 3, "KEY1").code, 0);
  world_.run_for(Milliseconds(2'000));
  ASSERT_EQ(send_batch("B", 4, "KEY2").code, 0);
  node_.kill();
  node_.restart();
  world_.run_for(Milliseconds(100));
  EXPECT_EQ(end(), "7");
  consume("client", "G", "B");
  EXPECT_EQ(pull(5).field("nextBeginOffset"), "7");
  EXPECT_EQ(send_batch("B", 2, "KEY3").field("queueOffset"), "7");
}

TEST_F(InnerBatchTest, WithoutAKeyOrInASimpleTopicABatchIsSeveralRecords) {
  const Reply nameless = send_batch("B", 3, "");
  EXPECT_EQ(nameless.field("batchUniqId"), "(absent)");
  EXPECT_EQ(nameless.field("msgId").size(), 3 * 32u + 2);
  EXPECT_EQ(end(), "3");
  ASSERT_EQ(make_topic("S", 1).code, 0);
  EXPECT_EQ(send_batch("S", 3, "KEY").field("batchUniqId"), "(absent)");
}

TEST_F(InnerBatchTest, OnlyABrokerMakesInnerBatches) {
  EXPECT_EQ(send("B", 0, "body",
                 "INNER_NUM\x01"
                 "7\x02")
                .code,
            response_code::kMessageIllegal);
  EXPECT_EQ(send_batch("B", 32'768, "KEY").code, response_code::kMessageIllegal);
  EXPECT_EQ(end(), "0");
}

}  // namespace
}  // namespace ogive::broker
