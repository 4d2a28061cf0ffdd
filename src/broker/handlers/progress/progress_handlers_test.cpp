// How far topics are filled and groups have come: 202, 208, 300, 303, 314, 317, 343, 345.

#include "broker/broker_fixture_for_test.h"
#include "protocol/bodies/lists.h"
#include "protocol/bodies/offsets.h"
#include "protocol/bodies/subscription_group.h"

namespace ogive::broker {
namespace {

namespace request_code = protocol::request_code;
namespace code = protocol::response_code;

class ProgressHandlersTest : public BrokerFixture {
 protected:
  void SetUp() override {
    BrokerFixture::SetUp();
    make_topic("T", 2);
    make_topic("Ordered", 1, "true");
    make_group("G");
    for (int i = 0; i < 3; ++i) {
      send("T", 0, "x");
      world_.run_for(Milliseconds(1'000));
    }
    commit("G", "T", 0, 1);
    commit("G", "Ordered", 0, 0);
  }
  const protocol::MessageQueue queue_{"T", "broker-a", 0};
};

TEST_F(ProgressHandlersTest, TopicStatsAreTheBounds) {
  const auto stats = ask(request_code::kGetTopicStatsInfo, {{"topic", "T"}}).as<protocol::TopicStatsTable>();
  ASSERT_EQ(stats.offset_table.size(), 2u);
  EXPECT_EQ(stats.offset_table.at(queue_).max_offset, 3);
  EXPECT_GT(stats.offset_table.at(queue_).last_update_timestamp, 0);
  EXPECT_EQ(ask(request_code::kGetTopicStatsInfo, {{"topic", "../../x"}}).code, code::kTopicNotExist);
}

TEST_F(ProgressHandlersTest, ConsumeStatsAreTheGroups) {
  const auto stats = [&](Fields fields) {
    return ask(request_code::kGetConsumeStats, fields).as<protocol::ConsumeStats>().offset_table;
  };
  const auto all = stats({{"consumerGroup", "G"}});
  EXPECT_EQ(all.size(), 3u);
  EXPECT_EQ(all.at(queue_).broker_offset, 3);
  EXPECT_EQ(all.at(queue_).consumer_offset, 1);
  EXPECT_EQ(all.at(queue_).pull_offset, 1);
  EXPECT_GT(all.at(queue_).last_timestamp, 0);
  EXPECT_EQ(stats({{"consumerGroup", "G"}, {"topic", "T"}}).size(), 2u);
  EXPECT_EQ(stats({{"consumerGroup", "G"}, {"topicList", "T;Ordered;none"}}).size(), 3u);
  EXPECT_TRUE(stats({{"consumerGroup", "none"}}).empty());
}

TEST_F(ProgressHandlersTest, WhatAnOnlineGroupNoLongerSubscribesToIsLeftOut) {
  consume("c1", "G", "Ordered");
  const auto figures = ask(request_code::kGetConsumeStats, {{"consumerGroup", "G"}}).as<protocol::ConsumeStats>();
  EXPECT_EQ(figures.offset_table.size(), 1u);
}

TEST_F(ProgressHandlersTest, GroupsAndTopicsFindEachOther) {
  EXPECT_EQ(ask(request_code::kQueryTopicConsumeByWho, {{"topic", "T"}}).as<protocol::GroupList>().group_list,
            std::set<std::string>{"G"});
  consume("c1", "Live", "T");
  EXPECT_EQ(ask(request_code::kQueryTopicConsumeByWho, {{"topic", "T"}}).as<protocol::GroupList>().group_list,
            (std::set<std::string>{"G", "Live"}));
  const auto topics = ask(request_code::kQueryTopicsByConsumer, {{"group", "G"}}).as<protocol::TopicList>();
  EXPECT_EQ(topics.topic_list, (std::set<std::string>{"Ordered", "T"}));
  EXPECT_EQ(topics.broker_addr, node_.endpoint(kPort).to_string());
}

TEST_F(ProgressHandlersTest, SubscriptionsAreThoseOfOnlineGroups) {
  consume("c1", "Live", "T", "TagA || TagB");
  const auto ask_for = [&](const std::string& group) {
    return ask(request_code::kQuerySubscriptionByConsumer, {{"group", group}, {"topic", "T"}})
        .as<protocol::QuerySubscriptionResponseBody>();
  };
  EXPECT_EQ(ask_for("Live").subscription_data.value().sub_string, "TagA || TagB");
  EXPECT_FALSE(ask_for("G").subscription_data.has_value());
}

TEST_F(ProgressHandlersTest, TimesAroundThePositionOfAGroup) {
  const auto spans = ask(request_code::kQueryConsumeTimeSpan, {{"topic", "T"}, {"group", "G"}})
                         .as<protocol::QueryConsumeTimeSpanBody>();
  ASSERT_EQ(spans.consume_time_span_set.size(), 2u);
  const auto& span = spans.consume_time_span_set[0];
  EXPECT_GT(span.min_time_stamp, 0);
  EXPECT_GE(span.max_time_stamp, span.min_time_stamp + 2'000);
  EXPECT_EQ(span.consume_time_stamp, span.min_time_stamp) << "the first message is consumed";
  EXPECT_NEAR(static_cast<double>(span.delay_time), 2'000, 100) << "the second one waits for two seconds";
  EXPECT_EQ(spans.consume_time_span_set[1].max_time_stamp, -1);
  EXPECT_EQ(ask(request_code::kQueryConsumeTimeSpan, {{"topic", "none"}, {"group", "G"}}).code, code::kTopicNotExist);
}

TEST_F(ProgressHandlersTest, OffsetsAreGivenToAnotherGroup) {
  EXPECT_EQ(ask(request_code::kCloneGroupOffset, {{"srcGroup", "G"}, {"destGroup", "H"}, {"topic", "T"}}).code, 0);
  EXPECT_EQ(committed("H", "T", 0).field("offset"), "1");
  EXPECT_EQ(committed("H", "Ordered", 0).code, code::kQueryNotFound);
  EXPECT_EQ(ask(request_code::kCloneGroupOffset, {{"srcGroup", "G"}, {"destGroup", "I"}}).code, 0);
  EXPECT_EQ(committed("I", "Ordered", 0).field("offset"), "0");
  EXPECT_EQ(ask(request_code::kCloneGroupOffset, {{"srcGroup", "G"}, {"destGroup", "../../x"}}).code,
            code::kInvalidParameter);
}

TEST_F(ProgressHandlersTest, TheWholeBrokerIsSummedUp) {
  const auto all = ask(request_code::kGetBrokerConsumeStats, {{"isOrder", "false"}}).as<protocol::ConsumeStatsList>();
  EXPECT_EQ(all.total_diff, 2);
  EXPECT_EQ(all.broker_addr, node_.endpoint(kPort).to_string());
  std::size_t topics = 0;
  for (const auto& group : all.consume_stats_list) {
    if (const auto found = group.find("G"); found != group.end()) topics = found->second.size();
  }
  EXPECT_EQ(topics, 2u);
  const auto ordered =
      ask(request_code::kGetBrokerConsumeStats, {{"isOrder", "true"}}).as<protocol::ConsumeStatsList>();
  EXPECT_EQ(ordered.total_diff, 0);
}

}  // namespace
}  // namespace ogive::broker
