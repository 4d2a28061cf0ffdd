#include "namesrv/route_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ogive::namesrv {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Outcome = RegistrationResult::Outcome;

constexpr std::int64_t kNow = 1'000'000;

remoting::ChannelId channel(std::uint64_t generation) {
  return {0, static_cast<std::uint32_t>(generation), generation};
}

Registration broker(std::string name, std::int64_t id, std::string address, std::uint64_t via = 1) {
  Registration registration;
  registration.key = {"C", std::move(address)};
  registration.broker_name = std::move(name);
  registration.broker_id = id;
  registration.ha_address = "10.0.0.9:1";
  registration.enable_acting_master = false;
  registration.version = {0, 100, 1};
  registration.topics = {{"T1", {4, 4, 6, 0}}, {"T2", {8, 8, 6, 0}}};
  registration.channel = channel(via);
  return registration;
}

Unregistration leave(const Registration& registration, std::uint64_t via) {
  return {registration.key, registration.broker_name, registration.broker_id, channel(via)};
}

std::string body(RouteTable& table, std::string_view topic) {
  const auto found = table.route_body(topic, JsonFlavour::kStandard);
  return found ? *found : "none";
}

TEST(RouteTable, TellsTheRouteOfARegisteredMasterInBothFlavours) {
  RouteTable table({});
  EXPECT_EQ(table.register_broker(broker("a", 0, "10.0.0.1:10911"), kNow).outcome, Outcome::kAccepted);
  EXPECT_EQ(*table.route_body("T1", JsonFlavour::kStandard),
            R"({"brokerDatas":[{"brokerAddrs":{"0":"10.0.0.1:10911"},"brokerName":"a","cluster":"C",)"
            R"("enableActingMaster":false}],"filterServerTable":{},"queueDatas":[{"brokerName":"a","perm":6,)"
            R"("readQueueNums":4,"topicSysFlag":0,"writeQueueNums":4}]})");
  EXPECT_THAT(*table.route_body("T1", JsonFlavour::kLegacy), HasSubstr(R"("brokerAddrs":{0:"10.0.0.1:10911"})"));
  EXPECT_EQ(table.route_body("T3", JsonFlavour::kStandard), nullptr);
}

TEST(RouteTable, SharesOneEncodedBodyUntilSomethingChanges) {
  RouteTable table({});
  auto a = broker("a", 0, "10.0.0.1:1");
  table.register_broker(a, kNow);
  const auto first = table.route_body("T1", JsonFlavour::kStandard);
  table.register_broker(a, kNow + 30'000);  // The same again is no change.
  EXPECT_EQ(table.route_body("T1", JsonFlavour::kStandard), first);
  a.version.counter = 2;
  a.topics[0].queues.write_queues = 2;
  table.register_broker(a, kNow);
  EXPECT_THAT(body(table, "T1"), HasSubstr(R"("writeQueueNums":2)"));
}

TEST(RouteTable, TakesTopicsOnlyWhenTheirVersionChanged) {
  RouteTable table({});
  auto a = broker("a", 0, "10.0.0.1:1");
  table.register_broker(a, kNow);
  EXPECT_EQ(table.wipe_write_permission("a"), 2);
  table.register_broker(a, kNow);
  EXPECT_THAT(body(table, "T1"), HasSubstr(R"("perm":4)"));
  a.version.timestamp = 101;
  table.register_broker(a, kNow);
  EXPECT_THAT(body(table, "T1"), HasSubstr(R"("perm":6)"));
  table.wipe_write_permission("a");
  EXPECT_EQ(table.add_write_permission("a"), 2);
  EXPECT_THAT(body(table, "T2"), HasSubstr(R"("perm":6)"));
  EXPECT_EQ(table.add_write_permission("nobody"), 0);
}

TEST(RouteTable, ASingleTopicCannotBeAFirstRegistration) {
  RouteTable table({});
  auto a = broker("a", 0, "10.0.0.1:1");
  auto one = a;
  one.topics = {{"T9", {1, 1, 6, 0}}};
  EXPECT_EQ(table.register_broker(one, kNow).outcome, Outcome::kSingleTopicFirst);
  EXPECT_EQ(table.cluster_info_body(), R"({"brokerAddrTable":{},"clusterAddrTable":{}})");
  table.register_broker(a, kNow);
  one.version.counter = 2;
  EXPECT_EQ(table.register_broker(one, kNow).outcome, Outcome::kAccepted);
  EXPECT_THAT(table.all_topics(), ElementsAre("T1", "T2", "T9"));
}

TEST(RouteTable, NamesTheMasterToSlaves) {
  RouteTable table({});
  EXPECT_FALSE(table.register_broker(broker("a", 1, "10.0.0.2:1", 2), kNow).master_address);
  EXPECT_FALSE(table.register_broker(broker("a", 0, "10.0.0.1:1"), kNow).master_address);
  const auto again = table.register_broker(broker("a", 1, "10.0.0.2:1", 2), kNow);
  EXPECT_EQ(again.master_address, "10.0.0.1:1");
  EXPECT_EQ(again.master_ha_address, "10.0.0.9:1");
}

TEST(RouteTable, ASlaveThatBecomesMasterLeavesItsOldId) {
  RouteTable table({});
  table.register_broker(broker("a", 1, "10.0.0.2:1"), kNow);
  table.register_broker(broker("a", 0, "10.0.0.2:1"), kNow);
  EXPECT_THAT(table.members("a"), ElementsAre(std::pair<const std::int64_t, std::string>(0, "10.0.0.2:1")));
}

TEST(RouteTable, RefusesAnOlderStateVersionForAHeldId) {
  RouteTable table({});
  auto held = broker("a", 0, "10.0.0.1:1");
  held.version.state_version = 5;
  table.register_broker(held, kNow);
  auto late = broker("a", 0, "10.0.0.2:1", 2);
  late.version.state_version = 4;
  EXPECT_EQ(table.register_broker(late, kNow).outcome, Outcome::kOutdated);
  EXPECT_EQ(table.members("a").at(0), "10.0.0.1:1");
  EXPECT_FALSE(table.data_version(late.key));
  late.version.state_version = 5;
  EXPECT_EQ(table.register_broker(late, kNow).outcome, Outcome::kAccepted);
  EXPECT_EQ(table.members("a").at(0), "10.0.0.2:1");
}

TEST(RouteTable, LosesABrokerWithItsConnection) {
  RouteTable table({});
  table.register_broker(broker("a", 0, "10.0.0.1:1", 1), kNow);
  table.register_broker(broker("b", 0, "10.0.0.2:1", 2), kNow);
  table.remove_channels(std::vector{channel(1)});
  EXPECT_THAT(body(table, "T1"), Not(HasSubstr("10.0.0.1")));
  EXPECT_THAT(body(table, "T1"), HasSubstr("10.0.0.2"));
  table.remove_channels(std::vector{channel(2)});
  EXPECT_THAT(table.all_topics(), IsEmpty());
  EXPECT_EQ(table.cluster_info_body(), R"({"brokerAddrTable":{},"clusterAddrTable":{}})");
  EXPECT_EQ(table.live_brokers(), 0u);
}

TEST(RouteTable, TheEndOfAnOlderConnectionRemovesNothing) {
  RouteTable table({});
  const auto a = broker("a", 0, "10.0.0.1:1", 1);
  table.register_broker(a, kNow);
  table.register_broker(broker("a", 0, "10.0.0.1:1", 2), kNow);
  table.remove_channels(std::vector{channel(1)});
  EXPECT_THAT(body(table, "T1"), HasSubstr("10.0.0.1:1"));
}

TEST(RouteTable, AnUnregistrationOfAnEarlierIncarnationRemovesNothing) {
  RouteTable table({});
  const auto a = broker("a", 0, "10.0.0.1:1", 1);
  table.register_broker(a, kNow);
  table.register_broker(broker("a", 0, "10.0.0.1:1", 2), kNow);
  table.unregister(std::vector{leave(a, 1)});
  EXPECT_THAT(body(table, "T1"), HasSubstr("10.0.0.1:1"));
  // From a connection that never registered this broker it is an order like any other.
  table.unregister(std::vector{leave(a, 3)});
  EXPECT_EQ(body(table, "T1"), "none");
}

TEST(RouteTable, ExpiresSilentBrokersByTheirOwnTimeout) {
  RouteTable table({});
  auto a = broker("a", 0, "10.0.0.1:1", 1);
  a.timeout_ms = 10'000;
  table.register_broker(a, kNow);
  table.register_broker(broker("b", 0, "10.0.0.2:1", 2), kNow);
  EXPECT_THAT(table.expire(kNow + 10'000).channels, IsEmpty());
  table.touch(a.key, kNow + 5'000);
  EXPECT_THAT(table.expire(kNow + 15'000).channels, IsEmpty());
  EXPECT_THAT(table.expire(kNow + 15'001).channels, ElementsAre(channel(1)));
  EXPECT_THAT(table.expire(kNow + 120'000).channels, IsEmpty());
  EXPECT_THAT(table.expire(kNow + 120'001).channels, ElementsAre(channel(2)));
  EXPECT_THAT(table.all_topics(), IsEmpty());
}

TEST(RouteTable, KeepsAConnectionThatALiveBrokerStillUses) {
  RouteTable table({});
  auto a = broker("a", 0, "10.0.0.1:1", 1);
  a.timeout_ms = 1;
  table.register_broker(a, kNow);
  table.register_broker(broker("b", 0, "10.0.0.2:1", 1), kNow);
  EXPECT_THAT(table.expire(kNow + 100).channels, IsEmpty());
  EXPECT_EQ(table.live_brokers(), 1u);
}

TEST(RouteTable, ActsForAMissingMasterWhereItIsAllowed) {
  RouteTable table({.support_acting_master = true, .notify_min_broker_id_changed = true});
  auto master = broker("a", 0, "10.0.0.1:1", 1);
  auto slave = broker("a", 2, "10.0.0.2:1", 2);
  master.enable_acting_master = slave.enable_acting_master = true;
  master.topics.push_back({"rmq_sys_SYNC_BROKER_MEMBER_a", {1, 1, 1, 0}});
  table.register_broker(master, kNow);
  table.register_broker(slave, kNow);
  const auto notices = table.remove_channels(std::vector{channel(1)});
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(notices[0].min_broker_id, 2);
  EXPECT_EQ(notices[0].min_address, "10.0.0.2:1");
  EXPECT_EQ(notices[0].offline_address, "10.0.0.1:1");
  EXPECT_THAT(notices[0].recipients, ElementsAre("10.0.0.2:1"));
  EXPECT_THAT(body(table, "T1"), HasSubstr(R"("brokerAddrs":{"0":"10.0.0.2:1"})"));
  EXPECT_THAT(body(table, "T1"), HasSubstr(R"("perm":4)"));
  EXPECT_THAT(body(table, "rmq_sys_SYNC_BROKER_MEMBER_a"), HasSubstr(R"({"2":"10.0.0.2:1"})"));

  const auto back = table.register_broker(master, kNow);
  ASSERT_TRUE(back.notice);
  EXPECT_EQ(back.notice->min_broker_id, 0);
  EXPECT_EQ(back.notice->ha_address, "10.0.0.9:1");
  EXPECT_THAT(back.notice->recipients, ElementsAre("10.0.0.2:1"));
  EXPECT_THAT(body(table, "T1"), HasSubstr(R"("perm":6)"));
}

TEST(RouteTable, APrimeSlaveBringsItsTopicsReadOnly) {
  RouteTable table({.support_acting_master = true});
  auto slave = broker("a", 3, "10.0.0.3:1", 3);
  slave.enable_acting_master = true;
  table.register_broker(slave, kNow);
  EXPECT_THAT(body(table, "T1"), HasSubstr(R"("perm":4)"));
  auto old = broker("b", 1, "10.0.0.4:1", 4);
  old.enable_acting_master.reset();  // Older than acting masters: only a master brings topics.
  old.topics.push_back({"T9", {1, 1, 6, 0}});
  table.register_broker(old, kNow);
  EXPECT_EQ(body(table, "T9"), "none");
}

TEST(RouteTable, DropsTopicsThatARegistrationNoLongerNamesWhenAsked) {
  RouteTable table({.delete_topic_with_registration = true});
  auto a = broker("a", 0, "10.0.0.1:1");
  a.topics.push_back({"T3", {1, 1, 6, 0}});
  table.register_broker(a, kNow);
  a.topics.erase(a.topics.begin());
  a.version.counter = 2;
  table.register_broker(a, kNow);
  EXPECT_THAT(table.all_topics(), ElementsAre("T2", "T3"));
}

TEST(RouteTable, RegistersAndDeletesSingleTopics) {
  RouteTable table({});
  table.register_broker(broker("a", 0, "10.0.0.1:1"), kNow);
  EXPECT_FALSE(table.register_topic("T9", {{"a", {1, 1, 6, 0}}, {"nobody", {1, 1, 6, 0}}}));
  EXPECT_EQ(body(table, "T9"), "none");
  EXPECT_TRUE(table.register_topic("T9", {{"a", {1, 1, 6, 0}}}));
  EXPECT_THAT(body(table, "T9"), HasSubstr("10.0.0.1:1"));
  table.delete_topic("T9", "other-cluster");
  EXPECT_THAT(body(table, "T9"), HasSubstr("10.0.0.1:1"));
  table.delete_topic("T9", "C");
  EXPECT_EQ(body(table, "T9"), "none");
  table.delete_topic("T1");
  EXPECT_THAT(table.topics_of_cluster("C"), ElementsAre("T2"));
}

TEST(RouteTable, AttachesFilterServersOrderConfigurationAndMappings) {
  RouteTable table({.attach_order_conf = true},
                   [](const std::string& topic) { return std::optional<std::string>(topic + ":4"); });
  auto a = broker("a", 0, "10.0.0.1:1");
  a.filter_servers = std::vector<std::string>{"10.0.0.1:7"};
  a.mappings = {{.topic = "T1",
                 .scope = "__global__",
                 .broker_name = "a",
                 .total_queues = 1,
                 .epoch = 7,
                 .physical_of_logical = {{0, 0}}}};
  table.register_broker(a, kNow);
  EXPECT_THAT(body(table, "T1"), HasSubstr(R"("filterServerTable":{"10.0.0.1:1":["10.0.0.1:7"]})"));
  EXPECT_THAT(body(table, "T1"), HasSubstr(R"("orderTopicConf":"T1:4")"));
  EXPECT_THAT(body(table, "T1"),
              HasSubstr(R"("topicQueueMappingByBroker":{"a":{"bname":"a","currIdMap":{"0":0},"dirty":false,"epoch":7,)"
                        R"("scope":"__global__","topic":"T1","totalQueues":1}})"));
  EXPECT_THAT(body(table, "T2"), Not(HasSubstr("topicQueueMappingByBroker")));
}

TEST(RouteTable, ListsSystemAndUnitTopics) {
  RouteTable table({});
  auto a = broker("a", 0, "10.0.0.1:1");
  a.topics[0].queues.topic_sys_flag = 3;
  table.register_broker(a, kNow);
  const auto system = table.system_topics();
  EXPECT_THAT(system.topics, ElementsAre("C", "a"));
  EXPECT_EQ(system.broker_address, "10.0.0.1:1");
  EXPECT_THAT(table.topics_by_flag([](std::int32_t flag) { return (flag & 1) != 0; }), ElementsAre("T1"));
}

TEST(RouteTable, IsBounded) {
  RouteTable table({}, nullptr, {.max_topics = 3, .max_brokers = 1});
  auto a = broker("a", 0, "10.0.0.1:1");
  a.topics.push_back({"T3", {1, 1, 6, 0}});
  a.topics.push_back({"T4", {1, 1, 6, 0}});
  table.register_broker(a, kNow);
  EXPECT_EQ(table.all_topics().size(), 3u);
  EXPECT_EQ(table.register_broker(broker("b", 0, "10.0.0.2:1", 2), kNow).outcome, Outcome::kTableFull);
  EXPECT_EQ(table.register_broker(a, kNow).outcome, Outcome::kAccepted);
}

}  // namespace
}  // namespace ogive::namesrv
