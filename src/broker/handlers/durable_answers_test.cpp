// A change that was answered as done is there after power loss at that very moment; one that could not be saved is not
// answered as done.

#include <functional>

#include "broker/broker_fixture_for_test.h"
#include "protocol/bodies/subscription_group.h"
#include "protocol/bodies/topic_config.h"

namespace ogive::broker {
namespace {

namespace request_code = protocol::request_code;
namespace code = protocol::response_code;

class DurableAnswersTest : public BrokerFixture {
 protected:
  // Nothing is saved by a timer meanwhile.
  std::map<std::string, std::string> settings() const override { return {{"flushConsumerOffsetInterval", "600000"}}; }

  void lose_power() {
    node_.power_loss();
    node_.restart();
    world_.run_for(Milliseconds(10));
    for (auto& [name, client] : clients_) client.node->restart();  // Their connections are dead.
    world_.run_for(Milliseconds(10));
  }
  Reply topic(const std::string& name) { return ask(request_code::kGetTopicConfig, {{"topic", name}}); }
  Reply group(const std::string& name) { return ask(request_code::kGetSubscriptiongroupConfig, {{"group", name}}); }
  bool may_read(Fields fields) {
    return ask(request_code::kUpdateAndGetGroupForbidden, fields).as<protocol::GroupForbidden>().readable == true;
  }
};

TEST_F(DurableAnswersTest, Topics) {
  ASSERT_EQ(make_topic("T", 4).code, 0);
  lose_power();
  EXPECT_EQ(topic("T").as<protocol::TopicConfig>().read_queue_nums, 4);
  ASSERT_EQ(make_topic("T", 6).code, 0);
  lose_power();
  EXPECT_EQ(topic("T").as<protocol::TopicConfig>().read_queue_nums, 6);
  ASSERT_EQ(ask(request_code::kUpdateAndCreateTopicList, {},
                R"({"topicConfigList":[{"topicName":"A","readQueueNums":1,"writeQueueNums":1,"perm":6},)"
                R"({"topicName":"B","readQueueNums":1,"writeQueueNums":1,"perm":6}]})")
                .code,
            0);
  lose_power();
  EXPECT_EQ(topic("A").code, 0);
  EXPECT_EQ(topic("B").code, 0);
  ASSERT_EQ(make_group("G").code, 0);
  ASSERT_EQ(commit("G", "T", 0, 0).code, 0);
  ASSERT_EQ(ask(request_code::kDeleteTopicInBroker, {{"topic", "T"}}).code, 0);
  lose_power();
  EXPECT_EQ(topic("T").code, code::kTopicNotExist);
  EXPECT_EQ(committed("G", "T", 0).code, code::kQueryNotFound);
  EXPECT_EQ(topic("A").code, 0);
}

TEST_F(DurableAnswersTest, Groups) {
  ASSERT_EQ(make_group("G").code, 0);
  lose_power();
  EXPECT_EQ(group("G").code, 0);
  ASSERT_EQ(
      ask(request_code::kUpdateAndCreateSubscriptiongroupList, {}, R"({"groupConfigList":[{"groupName":"A"}]})").code,
      0);
  lose_power();
  EXPECT_EQ(group("A").code, 0);
  ASSERT_FALSE(may_read({{"group", "G"}, {"topic", "T"}, {"readable", "false"}}));
  lose_power();
  EXPECT_FALSE(may_read({{"group", "G"}, {"topic", "T"}}));
  ASSERT_EQ(ask(request_code::kDeleteSubscriptiongroup, {{"groupName", "G"}, {"cleanOffset", "true"}}).code, 0);
  lose_power();
  EXPECT_EQ(group("G").code, code::kSubscriptionGroupNotExist);
  EXPECT_TRUE(may_read({{"group", "G"}, {"topic", "T"}}));
}

TEST_F(DurableAnswersTest, ABanOfAGroupThatDoesNotExistIsDroppedWithIt) {
  ASSERT_FALSE(may_read({{"group", "Never"}, {"topic", "T"}, {"readable", "false"}}));
  ASSERT_EQ(ask(request_code::kDeleteSubscriptiongroup, {{"groupName", "Never"}, {"cleanOffset", "false"}}).code, 0);
  lose_power();
  EXPECT_TRUE(may_read({{"group", "Never"}, {"topic", "T"}}));
}

TEST_F(DurableAnswersTest, OffsetsThatAnOperatorMoves) {
  ASSERT_EQ(make_topic("T", 1).code, 0);
  ASSERT_EQ(make_group("G").code, 0);
  for (int i = 0; i < 4; ++i) ASSERT_EQ(send("T", 0, "x").code, 0);
  world_.run_for(Milliseconds(1'000));  // The messages are flushed: an offset behind them would be taken back.
  ASSERT_EQ(
      ask(request_code::kInvokeBrokerToResetOffset,
          {{"topic", "T"}, {"group", "G"}, {"timestamp", "0"}, {"isForce", "true"}, {"queueId", "0"}, {"offset", "3"}})
          .code,
      0);
  lose_power();
  EXPECT_EQ(committed("G", "T", 0).field("offset"), "3");
  ASSERT_EQ(
      ask(request_code::kCloneGroupOffset, {{"srcGroup", "G"}, {"destGroup", "H"}, {"topic", "T"}, {"offline", "true"}})
          .code,
      0);
  lose_power();
  EXPECT_EQ(committed("H", "T", 0).field("offset"), "3");
  ASSERT_EQ(ask(request_code::kDeleteSubscriptiongroup, {{"groupName", "H"}, {"cleanOffset", "true"}}).code, 0);
  lose_power();
  EXPECT_NE(committed("H", "T", 0).field("offset"), "3");
}

TEST_F(DurableAnswersTest, TheConfiguration) {
  ASSERT_EQ(ask(request_code::kUpdateBrokerConfig, {}, "maxMessageSize=1048576\n").code, 0);
  node_.power_loss();
  node_.restart();
  world_.run_for(Milliseconds(10));
  const auto kept = io::read_file(node_.files(), "/store/config/broker.properties", 1u << 20);
  ASSERT_TRUE(kept.has_value());
  EXPECT_NE(kept->find("maxMessageSize=1048576"), std::string::npos);
}

TEST_F(DurableAnswersTest, WhatCannotBeSavedIsNotAnsweredAsDone) {
  const auto broken = [&](const std::string& file, const std::function<Reply()>& change) {
    SCOPED_TRACE(file);
    node_.disk().add_fault({.op = sim::DiskOp::kSync, .path_contains = file, .times = 2, .os_error = EIO});
    const Reply refused = change();
    EXPECT_EQ(refused.code, code::kSystemError);
    EXPECT_NE(refused.remark.find(file), std::string::npos) << refused.remark;
    node_.disk().clear_faults();
    EXPECT_EQ(change().code, 0);  // Nothing new, but still not on the disk: saved now.
    lose_power();
  };
  broken("topics.json", [&] { return make_topic("T", 4); });
  EXPECT_EQ(topic("T").code, 0);
  broken("subscriptionGroup.json", [&] { return make_group("G"); });
  EXPECT_EQ(group("G").code, 0);
}

}  // namespace
}  // namespace ogive::broker
