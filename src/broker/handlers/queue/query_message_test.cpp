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
  }
  const Reply missing = query("red", "false", "K");
  EXPECT_EQ(missing.code, protocol::response_code::kQueryNotFound);
  EXPECT_EQ(missing.remark, "can not find message, maybe time range not correct");
  EXPECT_TRUE(missing.body.empty());
}

}  // namespace
}  // namespace ogive::broker
