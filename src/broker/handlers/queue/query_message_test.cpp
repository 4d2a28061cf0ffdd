#include "broker/broker_fixture_for_test.h"

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
