#include "broker/broker.h"
#include "broker/broker_fixture_for_test.h"
#include "message/record.h"

namespace ogive::broker {
namespace {

using QueryMessageTest = BrokerFixture;

TEST_F(QueryMessageTest, FindsByKeyAndUniqueKey) {
  ASSERT_EQ(make_topic("TopicQ", 1).code, 0);
  ASSERT_EQ(send("TopicQ", 0, "the one", "UNIQ_KEY\x01U1\x02KEYS\x01k1 k2\x02TAGS\x01red\x02").code, 0);
  ASSERT_EQ(send("TopicQ", 0, "another", "UNIQ_KEY\x01U2\x02").code, 0);
  const auto query = [&](std::string key, std::string unique, std::string type) {
    return ask("query", request(protocol::request_code::kQueryMessage, {{"topic", "TopicQ"},
                                                                        {"key", key},
                                                                        {"maxNum", "10"},
                                                                        {"beginTimestamp", "0"},
                                                                        {"endTimestamp", "9223372036854775807"},
                                                                        {"_UNIQUE_KEY_QUERY", unique},
                                                                        {"indexType", type}}));
  };
  for (const auto& [key, unique, type] : std::vector<std::array<std::string, 3>>{
           {"k1", "false", "K"}, {"k2", "false", ""}, {"U1", "true", "U"}, {"red", "false", "T"}}) {
    const Reply found = query(key, unique, type);
    EXPECT_EQ(found.code, 0) << key << ": " << found.remark;
    EXPECT_NE(found.body.find("the one"), std::string::npos) << key;
    EXPECT_EQ(found.body.find("another"), std::string::npos) << key;
    EXPECT_NE(found.fields.at("indexLastUpdateTimestamp"), "0");
    EXPECT_EQ(found.field("indexCoversFromTimestamp"), "(absent)") << "all there ever was is covered";
  }
  const Reply missing = query("red", "false", "K");
  EXPECT_EQ(missing.code, protocol::response_code::kQueryNotFound);
  EXPECT_EQ(missing.remark, "can not find message, maybe time range not correct");
  EXPECT_TRUE(missing.body.empty());
}

TEST_F(QueryMessageTest, LimitsByTimeAreExactAndNoReplyIsLargerThanAsked) {
  ASSERT_EQ(make_topic("T", 1).code, 0);
  constexpr int kMessages = 100;
  std::vector<std::int64_t> times;
  for (int i = 0; i < kMessages; ++i) {
    ASSERT_EQ(send("T", 0, std::to_string(i), "UNIQ_KEY\x01same\x02KEYS\x01key\x02").code, 0);
    times.push_back(*broker_->store().store_time(broker_->store().queue("T", QueueId(0)), QueueOffset(i)));
    world_.run_for(Milliseconds(3));
  }
  const auto query = [&](std::int32_t count, std::int64_t from, std::int64_t to, bool unique = false) {
    const Reply reply = ask(
        "query", request(protocol::request_code::kQueryMessage, {{"topic", "T"},
                                                                 {"key", unique ? "same" : "key"},
                                                                 {"maxNum", std::to_string(count)},
                                                                 {"beginTimestamp", std::to_string(from)},
                                                                 {"endTimestamp", std::to_string(to)},
                                                                 {"_UNIQUE_KEY_QUERY", unique ? "true" : "false"}}));
    std::vector<int> found;
    for (ByteView bytes = as_bytes(reply.body); !bytes.empty();) {
      const auto record = message::decode_record(bytes);
      if (!record) break;
      found.push_back(std::stoi(std::string(as_chars(record->body))));
      bytes = bytes.subspan(static_cast<std::size_t>(record->size));
    }
    EXPECT_EQ(reply.code, found.empty() ? protocol::response_code::kQueryNotFound : 0) << reply.remark;
    return found;
  };
  const auto newest = [](int last, int count) {
    std::vector<int> numbers;
    for (int i = 0; i < count; ++i) numbers.push_back(last - i);
    return numbers;
  };
  EXPECT_EQ(query(7, 0, INT64_MAX), newest(99, 7));
  EXPECT_EQ(query(1'000, 0, INT64_MAX), newest(99, 64)) << "as many as a reply of RocketMQ holds";
  EXPECT_EQ(query(1, 0, INT64_MAX, true), newest(99, 32));
  EXPECT_EQ(query(0, 0, INT64_MAX), newest(0, 0));
  EXPECT_EQ(query(64, times[30], times[39]), newest(39, 10)) << "both times belong to it";
  EXPECT_EQ(query(64, times[30] + 1, times[39] - 1), newest(38, 8));
  EXPECT_EQ(query(4, times[30], times[39]), newest(39, 4));
  EXPECT_EQ(query(64, times[99] + 1, INT64_MAX), newest(0, 0));
}

class QueryAfterRetentionTest : public BrokerFixture {
 protected:
  std::map<std::string, std::string> settings() const override {
    return {{"mappedFileSizeCommitLog", "65536"}, {"retentionBytes", "131072"}, {"cleanResourceInterval", "1000"}};
  }
};

TEST_F(QueryAfterRetentionTest, TellsFromWhenMessagesAreFound) {
  ASSERT_EQ(make_topic("T", 1).code, 0);
  for (int i = 0; i < 150; ++i) {
    ASSERT_EQ(send("T", 0, std::string(3'000, 'x'), "UNIQ_KEY\x01U" + std::to_string(i) + "\x02").code, 0);
    world_.run_for(Milliseconds(20));
  }
  world_.run_for(Milliseconds(5'000));
  const Reply gone =
      ask("query", request(protocol::request_code::kQueryMessage, {{"topic", "T"},
                                                                   {"key", "U1"},
                                                                   {"maxNum", "10"},
                                                                   {"beginTimestamp", "0"},
                                                                   {"endTimestamp", "9223372036854775807"},
                                                                   {"_UNIQUE_KEY_QUERY", "true"}}));
  EXPECT_EQ(gone.code, protocol::response_code::kQueryNotFound);
  const Reply earliest = ask(protocol::request_code::kGetEarliestMsgStoretime, {{"topic", "T"}, {"queueId", "0"}});
  EXPECT_EQ(gone.field("indexCoversFromTimestamp"), earliest.field("timestamp"));
  EXPECT_NE(gone.remark.find("from store time " + earliest.field("timestamp")), std::string::npos) << gone.remark;
}

}  // namespace
}  // namespace ogive::broker
