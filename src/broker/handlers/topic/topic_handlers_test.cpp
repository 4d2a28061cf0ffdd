// Topics and groups: 17, 18, 21, 215, 305, 351; 200, 201, 207, 225, 352, 353.

#include "broker/broker_fixture_for_test.h"
#include "protocol/bodies/lists.h"
#include "protocol/bodies/subscription_group.h"
#include "protocol/bodies/topic_config.h"

namespace ogive::broker {
namespace {

namespace request_code = protocol::request_code;
namespace code = protocol::response_code;

using TopicHandlersTest = BrokerFixture;
using GroupHandlersTest = BrokerFixture;

TEST_F(TopicHandlersTest, ATopicIsMadeChangedShownAndDropped) {
  EXPECT_EQ(make_topic("T", 4).code, 0);
  EXPECT_EQ(ask(request_code::kGetTopicConfig, {{"topic", "T"}}).as<protocol::TopicConfig>().read_queue_nums, 4);
  EXPECT_EQ(make_topic("T", 6).code, 0);
  const Reply all = ask(request_code::kGetAllTopicConfig);
  const auto table = all.as<protocol::TopicConfigAndMappingSerializeWrapper>().topic_config_table;
  EXPECT_EQ(table.at("T").write_queue_nums, 6);
  EXPECT_EQ(all.field("totalTopicNum"), std::to_string(table.size()));
  send("T", 0, "x");
  EXPECT_EQ(ask(request_code::kDeleteTopicInBroker, {{"topic", "T"}}).code, 0);
  EXPECT_EQ(ask(request_code::kGetTopicConfig, {{"topic", "T"}}).code, code::kTopicNotExist);
  EXPECT_EQ(ask(request_code::kGetMaxOffset, {{"topic", "T"}, {"queueId", "0"}}).field("offset"), "0");
}

TEST_F(TopicHandlersTest, NamesAndNumbersThatAreNotAllowedAreRefused) {
  for (const std::string name : {"", "../../x", "a/b", "a@b", "TBW102", "SCHEDULE_TOPIC_XXXX", "rmq_sys_x"}) {
    EXPECT_EQ(make_topic(name, 4).code, code::kInvalidParameter) << name;
    EXPECT_EQ(ask(request_code::kDeleteTopicInBroker, {{"topic", name}}).code, code::kInvalidParameter) << name;
  }
  EXPECT_EQ(make_topic(std::string(500, 'x'), 4).code, code::kInvalidParameter);
  EXPECT_NE(make_topic("T", -4).code, 0);
  EXPECT_NE(make_topic("T", 2'000'000'000).code, 0);
  EXPECT_EQ(ask(request_code::kGetTopicConfig, {{"topic", "T"}}).code, code::kTopicNotExist);
}

TEST_F(TopicHandlersTest, SystemTopicsMayBeChangedWhereTheOperatorAllowsIt) {
  settings_->assign("validateSystemTopicWhenUpdateTopic", "false");
  EXPECT_EQ(make_topic("TBW102", 4).code, 0);
}

TEST_F(TopicHandlersTest, SeveralTopicsAreMadeTogetherOrNotAtAll) {
  const auto make = [&](const std::string& second) {
    return ask(request_code::kUpdateAndCreateTopicList, {},
               R"({"topicConfigList":[{"topicName":"A","readQueueNums":1,"writeQueueNums":1,"perm":6},)"
               R"({"topicName":")" +
                   second + R"(","readQueueNums":2,"writeQueueNums":2,"perm":6}]})");
  };
  EXPECT_EQ(make("../../x").code, code::kInvalidParameter);
  EXPECT_EQ(ask(request_code::kGetTopicConfig, {{"topic", "A"}}).code, code::kTopicNotExist);
  EXPECT_EQ(make("B").code, 0);
  EXPECT_EQ(ask(request_code::kGetTopicConfig, {{"topic", "B"}}).as<protocol::TopicConfig>().read_queue_nums, 2);
  EXPECT_EQ(ask(request_code::kUpdateAndCreateTopicList, {}, "not json").code, code::kSystemError);
}

TEST_F(TopicHandlersTest, SystemTopicsAreListed) {
  const auto topics = ask(request_code::kGetSystemTopicListFromBroker).as<protocol::TopicList>().topic_list;
  for (const std::string name : {"TBW102", "SCHEDULE_TOPIC_XXXX", "broker-a", "DefaultCluster"}) {
    EXPECT_TRUE(topics.contains(name)) << name;
  }
}

TEST_F(GroupHandlersTest, AGroupIsMadeShownAndDropped) {
  EXPECT_EQ(ask(request_code::kUpdateAndCreateSubscriptiongroup, {}, R"({"groupName":"G","retryMaxTimes":3})").code, 0);
  EXPECT_EQ(ask(request_code::kGetSubscriptiongroupConfig, {{"group", "G"}})
                .as<protocol::SubscriptionGroupConfig>()
                .retry_max_times,
            3);
  const Reply all = ask(request_code::kGetAllSubscriptiongroupConfig);
  EXPECT_EQ(all.as<protocol::SubscriptionGroupWrapper>().subscription_group_table.count("G"), 1u);
  make_topic("T", 1);
  commit("G", "T", 0, 0);
  EXPECT_EQ(ask(request_code::kDeleteSubscriptiongroup, {{"groupName", "G"}, {"cleanOffset", "true"}}).code, 0);
  EXPECT_EQ(ask(request_code::kGetSubscriptiongroupConfig, {{"group", "G"}}).code, code::kSubscriptionGroupNotExist);
  EXPECT_EQ(committed("G", "T", 0).code, code::kQueryNotFound);
}

TEST_F(GroupHandlersTest, BadGroupsAreRefused) {
  for (const std::string name : {"", "../../x", "a b", "a/b"}) {
    EXPECT_EQ(make_group(name).code, code::kInvalidParameter) << name;
  }
  EXPECT_EQ(make_group(std::string(121, 'x')).code, code::kInvalidParameter);
  EXPECT_EQ(ask(request_code::kUpdateAndCreateSubscriptiongroup, {}, "{").code, code::kSystemError);
}

TEST_F(GroupHandlersTest, SeveralGroupsAreMadeTogetherOrNotAtAll) {
  EXPECT_EQ(ask(request_code::kUpdateAndCreateSubscriptiongroupList, {},
                R"({"groupConfigList":[{"groupName":"A"},{"groupName":"../../x"}]})")
                .code,
            code::kInvalidParameter);
  EXPECT_EQ(ask(request_code::kGetSubscriptiongroupConfig, {{"group", "A"}}).code, code::kSubscriptionGroupNotExist);
  EXPECT_EQ(ask(request_code::kUpdateAndCreateSubscriptiongroupList, {},
                R"({"groupConfigList":[{"groupName":"A"},{"groupName":"B"}]})")
                .code,
            0);
  EXPECT_EQ(ask(request_code::kGetSubscriptiongroupConfig, {{"group", "B"}}).code, 0);
}

TEST_F(GroupHandlersTest, AGroupCanBeForbiddenToReadATopic) {
  const auto readable = [&](Fields fields) {
    return ask(request_code::kUpdateAndGetGroupForbidden, fields).as<protocol::GroupForbidden>().readable;
  };
  EXPECT_EQ(readable({{"group", "G"}, {"topic", "T"}}), true);
  EXPECT_EQ(readable({{"group", "G"}, {"topic", "T"}, {"readable", "false"}}), false);
  EXPECT_EQ(readable({{"group", "G"}, {"topic", "T"}}), false);
  EXPECT_EQ(readable({{"group", "G"}, {"topic", "T"}, {"readable", "true"}}), true);
  EXPECT_EQ(ask(request_code::kUpdateAndGetGroupForbidden, {{"group", "../../x"}, {"topic", "T"}}).code,
            code::kInvalidParameter);
}

}  // namespace
}  // namespace ogive::broker
