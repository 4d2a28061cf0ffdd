// Figures of the whole broker: 28, 315, and the rates in 202 and 208.

#include "broker/broker_fixture_for_test.h"
#include "protocol/bodies/broker_stats.h"
#include "protocol/bodies/lists.h"
#include "protocol/bodies/offsets.h"
#include "protocol/golden_frames_for_test.h"

namespace ogive::broker {
namespace {

namespace request_code = protocol::request_code;
namespace code = protocol::response_code;

class StatusHandlersTest : public BrokerFixture {
 protected:
  void SetUp() override {
    BrokerFixture::SetUp();
    make_topic("T", 1);
  }
  std::map<std::string, std::string> runtime_info() {
    return ask(request_code::kGetBrokerRuntimeInfo).as<protocol::KVTable>().table;
  }
  Reply stats(const std::string& name, const std::string& key) {
    return ask(request_code::kViewBrokerStatsData, {{"statsName", name}, {"statsKey", key}});
  }
  Reply pull(const std::string& name, const std::string& group, std::int64_t offset) {
    return ask(name, request(request_code::kPullMessage, {{"consumerGroup", group},
                                                          {"topic", "T"},
                                                          {"queueId", "0"},
                                                          {"queueOffset", std::to_string(offset)},
                                                          {"maxMsgNums", "32"},
                                                          {"sysFlag", "0"},
                                                          {"commitOffset", "0"},
                                                          {"suspendTimeoutMillis", "0"},
                                                          {"subVersion", "0"}}));
  }
  static double first_number(const std::string& text) { return std::stod(text); }
};

TEST_F(StatusHandlersTest, RuntimeInfoHasTheRecordedKeys) {
  send("T", 0, "x");
  std::set<std::string> recorded;
  bool response = false;
  protocol::for_each_golden_frame([&](const protocol::GoldenFrame& golden) {
    if (golden.kind == "request") response = golden.code == request_code::kGetBrokerRuntimeInfo;
    if (golden.kind == "request" || !response) return;
    protocol::Frame frame;
    ASSERT_TRUE(frame.decode(as_bytes(golden.raw)).has_value());
    const auto body = protocol::from_json<protocol::KVTable>(frame.body);
    ASSERT_TRUE(body.has_value());
    for (const auto& [key, value] : body->table) {
      if (!key.starts_with("commitLogDiskRatio_") && !key.starts_with("scheduleMessageOffset_")) recorded.insert(key);
    }
  });
  ASSERT_FALSE(recorded.empty());
  std::set<std::string> ours;
  for (const auto& [key, value] : runtime_info()) {
    if (!key.starts_with("commitLogDiskRatio_")) ours.insert(key);
  }
  EXPECT_EQ(ours, recorded);
}

TEST_F(StatusHandlersTest, TellsThatTheStoreHasFailedAndWhy) {
  ASSERT_EQ(send("T", 0, "x").code, 0);
  EXPECT_FALSE(runtime_info().contains("storeFailure"));
  node_.disk().add_fault({.op = sim::DiskOp::kSync, .path_contains = "commitlog"});
  world_.run_for(Milliseconds(1'000));  // Flushed at its interval.
  const Reply refused = send("T", 0, "x");
  EXPECT_EQ(refused.code, code::kServiceNotAvailable);
  const std::string cause = runtime_info()["storeFailure"];
  EXPECT_NE(cause.find("flushing the commit log file"), std::string::npos) << cause;
  EXPECT_NE(cause.find("Input/output error"), std::string::npos) << cause;
  EXPECT_NE(refused.remark.find(cause), std::string::npos) << refused.remark;
  EXPECT_NE(runtime_info()["remainHowManyDataToFlush"], "0.0 B");
  consume("c", "G", "T");
  EXPECT_EQ(pull("c", "G", 0).code, 0) << "reading goes on";
  world_.run_for(Milliseconds(60'000));
  EXPECT_EQ(runtime_info()["storeFailure"], cause) << "the first cause stays";
}

TEST_F(StatusHandlersTest, FiguresAreWhatHappened) {
  const std::string boot = runtime_info()["bootTimestamp"];
  for (int i = 0; i < 20; ++i) send("T", 0, std::string(100, 'x'));
  consume("c", "G", "T");
  EXPECT_EQ(pull("c", "G", 0).code, 0);
  EXPECT_EQ(pull("c", "G", 20).code, code::kPullNotFound);
  EXPECT_NE(send("none..", 0, "x").code, 0);
  world_.run_for(Milliseconds(10'500));
  auto table = runtime_info();
  EXPECT_EQ(table["putMessageTimesTotal"], "20");
  EXPECT_EQ(table["putMessageFailedTimes"], "1");
  EXPECT_EQ(table["putMessageSizeTotal"], table["commitLogMaxOffset"]);
  EXPECT_EQ(table["msgPutTotalTodayNow"], "20");
  EXPECT_EQ(table["msgGetTotalTodayNow"], "20");
  EXPECT_EQ(table["bootTimestamp"], boot);
  EXPECT_EQ(table["runtime"], "[ 0 days, 0 hours, 0 minutes, 10 seconds ]");
  EXPECT_GT(std::stoll(table["earliestMessageTimeStamp"]), 1'700'000'000'000);
  EXPECT_EQ(table["remainTransientStoreBufferNumbs"], "2147483647");
  EXPECT_TRUE(table["commitLogDirCapacity"].starts_with("Total : ")) << table["commitLogDirCapacity"];
}

TEST_F(StatusHandlersTest, RatesAreOfTheLastSeconds) {
  EXPECT_EQ(runtime_info()["putTps"], "0.0 0.0 0.0");
  for (int i = 0; i < 50; ++i) send("T", 0, "x");
  world_.run_for(Milliseconds(5'000));
  EXPECT_NEAR(first_number(runtime_info()["putTps"]), 10, 2) << "over the five seconds there are";
  world_.run_for(Milliseconds(20'000));
  EXPECT_EQ(first_number(runtime_info()["putTps"]), 0) << "nothing in the last ten seconds";
  EXPECT_TRUE(runtime_info()["putTps"].ends_with(runtime_info()["putTps"].substr(4))) << "sixty seconds have some";
}

TEST_F(StatusHandlersTest, YesterdayEndsAtMidnight) {
  send("T", 0, "x");
  world_.run_for(Milliseconds(25 * 3'600'000));
  send("T", 0, "x");
  send("T", 0, "x");
  auto table = runtime_info();
  EXPECT_EQ(table["msgPutTotalTodayMorning"], "1");
  EXPECT_EQ(table["msgPutTotalTodayNow"], "3");
  EXPECT_EQ(table["msgPutTotalYesterdayMorning"], "0");
}

TEST_F(StatusHandlersTest, TopicsAndGroupsAreCountedByKey) {
  EXPECT_EQ(stats("TOPIC_PUT_NUMS", "T").remark, "The stats <TOPIC_PUT_NUMS> <T> not exist");
  for (int i = 0; i < 6; ++i) send("T", 0, "x");
  consume("c", "G", "T");
  pull("c", "G", 0);
  world_.run_for(Milliseconds(11'000));
  const auto puts = stats("TOPIC_PUT_NUMS", "T").as<protocol::BrokerStatsData>();
  EXPECT_EQ(puts.stats_minute.sum, 6);
  EXPECT_EQ(puts.stats_hour.sum, 6);
  EXPECT_EQ(puts.stats_day.sum, 6);
  EXPECT_EQ(puts.stats_minute.avgpt, 1.0);
  EXPECT_GT(puts.stats_minute.tps, 0.3);
  EXPECT_EQ(stats("GROUP_GET_NUMS", "T@G").as<protocol::BrokerStatsData>().stats_minute.sum, 6);
  EXPECT_EQ(stats("GROUP_GET_NUMS", "T@G").as<protocol::BrokerStatsData>().stats_minute.avgpt, 6.0);
  EXPECT_GT(stats("TOPIC_PUT_SIZE", "T").as<protocol::BrokerStatsData>().stats_minute.sum, 600);
  EXPECT_EQ(stats("BROKER_PUT_NUMS", "DefaultCluster").as<protocol::BrokerStatsData>().stats_minute.sum, 6);
  EXPECT_EQ(stats("BROKER_GET_NUMS", "DefaultCluster").as<protocol::BrokerStatsData>().stats_minute.sum, 6);
  for (const auto& [name, key] : {std::pair("TOPIC_PUT_NUMS", "none"), {"NONSENSE", "T"}, {"BROKER_PUT_NUMS", "T"}}) {
    EXPECT_EQ(stats(name, key).code, code::kSystemError) << name;
  }
  EXPECT_GT(ask(request_code::kGetTopicStatsInfo, {{"topic", "T"}}).as<protocol::TopicStatsTable>().topic_put_tps, 0.3);
  commit("G", "T", 0, 1);
  EXPECT_GT(ask(request_code::kGetConsumeStats, {{"consumerGroup", "G"}}).as<protocol::ConsumeStats>().consume_tps,
            0.3);
}

TEST_F(StatusHandlersTest, OldTrafficLeavesTheMinuteButNotTheHour) {
  send("T", 0, "x");
  world_.run_for(Milliseconds(120'000));
  const auto puts = stats("TOPIC_PUT_NUMS", "T").as<protocol::BrokerStatsData>();
  EXPECT_EQ(puts.stats_minute.sum, 0);
  EXPECT_EQ(puts.stats_hour.sum, 1);
  EXPECT_EQ(puts.stats_day.sum, 1);
}

TEST_F(StatusHandlersTest, DelayedMessagesCountForTheirTopicWhenTheyArrive) {
  send("T", 0, "x",
       "DELAY\x01"
       "1\x02");
  world_.run_for(Milliseconds(500));
  EXPECT_EQ(runtime_info()["scheduleMessageOffset_1"], "0,1");
  world_.run_for(Milliseconds(20'500));
  EXPECT_EQ(stats("TOPIC_PUT_NUMS", "SCHEDULE_TOPIC_XXXX").as<protocol::BrokerStatsData>().stats_minute.sum, 1);
  EXPECT_EQ(stats("TOPIC_PUT_NUMS", "T").as<protocol::BrokerStatsData>().stats_minute.sum, 1);
  EXPECT_EQ(
      stats("BROKER_PUT_NUMS_WITHOUT_SYSTEM_TOPIC", "DefaultCluster").as<protocol::BrokerStatsData>().stats_minute.sum,
      1);
  EXPECT_EQ(runtime_info()["scheduleMessageOffset_1"], "1,1");
}

TEST_F(StatusHandlersTest, MessagesGivenBackCount) {
  const Reply sent = send("T", 0, "x");
  make_group("G");
  const std::int64_t place = std::stoll(sent.field("msgId").substr(16), nullptr, 16);
  EXPECT_EQ(ask(request_code::kConsumerSendMsgBack,
                {{"offset", std::to_string(place)}, {"group", "G"}, {"delayLevel", "-1"}, {"unitMode", "false"}})
                .code,
            0);
  world_.run_for(Milliseconds(11'000));
  EXPECT_EQ(stats("SNDBCK_PUT_NUMS", "T@G").as<protocol::BrokerStatsData>().stats_minute.sum, 1);
  EXPECT_EQ(stats("DLQ_PUT_NUMS", "T@G").as<protocol::BrokerStatsData>().stats_minute.sum, 1);
}

}  // namespace
}  // namespace ogive::broker
