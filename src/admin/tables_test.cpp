// What commands print, against outputs recorded from RocketMQ 5.5.0, byte for byte. The servers answer what the
// recorded output was made from.

#include <fmt/format.h>

#include "admin/fake_cluster_for_test.h"
#include "base/settings/properties.h"
#include "protocol/bodies/lists.h"
#include "protocol/json.h"

namespace ogive::admin {
namespace {

namespace code = protocol::request_code;
using remoting::Message;
using remoting::Request;

class TablesTest : public FakeCluster {};

/// The figures behind a recorded brokerStatus.
std::string runtime_info(std::map<std::string, std::string> changes = {}) {
  protocol::KVTable info;
  for (const std::string& line : lines_of(golden("brokerStatus.out"))) {
    const std::size_t colon = line.find(": ");
    std::string name = line.substr(0, colon);
    name.erase(name.find_last_not_of(' ') + 1);
    info.table[name] = line.substr(colon + 2);
  }
  for (const auto& [name, value] : changes) info.table[name] = value;
  return protocol::to_json(info);
}

std::string properties_behind(const std::string& file) {
  std::string text;
  for (const std::string& line : lines_of(golden(file))) {
    const std::size_t equals = line.find("=  ");
    if (line.starts_with("====") || equals == std::string::npos) continue;
    std::string key = line.substr(0, equals);
    key.erase(key.find_last_not_of(' ') + 1);
    text += settings::property_line(key, line.substr(equals + 3));
  }
  return text;
}

TEST_F(TablesTest, ClusterListAndBrokerStatus) {
  one_broker();
  on(code::kGetBrokerRuntimeInfo, runtime_info({{"putTps", "0.25 0.1 0"},
                                                {"getTransferredTps", "0.34 0.2"},
                                                {"earliestMessageTimeStamp", "1795469014000"},
                                                {"timerReadBehind", "0"},
                                                {"msgPutTotalTodayNow", "10"}}));
  expect_golden("clusterList.out", {"clusterList"});
  expect_golden("clusterList_m.out", {"clusterList", "-m"});
}

TEST_F(TablesTest, BrokerStatus) {
  on(code::kGetBrokerRuntimeInfo, runtime_info());
  expect_golden("brokerStatus.out", {"brokerStatus", "-b", "127.0.0.1:20911"});
}

/// The recorded list of topics; topics of one hash bucket in the order in which they were sent.
std::string topic_list() {
  return R"({"topicList":)" + protocol::to_json(lines_of(golden("topicList.out"))) + "}";
}

TEST_F(TablesTest, TopicListInTheOriginalsOrder) {
  on(code::kGetAllTopicListFromNameserver, topic_list());
  expect_golden("topicList.out", {"topicList"});
}

TEST_F(TablesTest, TopicListWithGroups) {
  one_broker();
  std::map<std::string, std::set<std::string>> groups;
  for (const std::string& line : lines_of(golden("topicList_c.out"))) {
    if (line.starts_with("#")) continue;
    const auto column = [&](std::size_t at) {
      std::string text = line.substr(at, 64);
      return text.erase(text.find_last_not_of(' ') + 1);
    };
    if (!column(88).empty()) groups[column(22)].insert(column(88));
  }
  on(code::kGetAllTopicListFromNameserver, topic_list());
  on(code::kQueryTopicConsumeByWho, [groups](const Request& request) {
    protocol::GroupList list;
    // The table shows names cut after 64 characters.
    const auto found = groups.find(std::string(request.frame.find("topic").value_or("").substr(0, 64)));
    if (found != groups.end()) list.group_list = found->second;
    Message reply;
    reply.body = protocol::to_json(list);
    return reply;
  });
  expect_golden("topicList_c.out", {"topicList", "-c"});
}

TEST_F(TablesTest, TopicRouteAndCluster) {
  one_broker();
  expect_golden("topicRoute.out", {"topicRoute", "-t", "TopicA"});
  expect_golden("topicRoute_l.out", {"topicRoute", "-t", "TopicA", "-l"});
  expect_golden("topicClusterList.out", {"topicClusterList", "-t", "TopicA"});
}

TEST_F(TablesTest, TopicStatus) {
  one_broker();
  on(code::kGetTopicStatsInfo,
     R"({"offsetTable":{{"brokerName":"broker-a","queueId":2,"topic":"TopicA"}:{"lastUpdateTimestamp":1795470737317,"maxOffset":10,"minOffset":0},)"
     R"({"brokerName":"broker-a","queueId":0,"topic":"TopicA"}:{"lastUpdateTimestamp":1795470454391,"maxOffset":10,"minOffset":0},)"
     R"({"brokerName":"broker-a","queueId":1,"topic":"TopicA"}:{"lastUpdateTimestamp":1795470454401,"maxOffset":6,"minOffset":0},)"
     R"({"brokerName":"broker-a","queueId":3,"topic":"TopicA"}:{"lastUpdateTimestamp":1795470454383,"maxOffset":5,"minOffset":0}},"topicPutTps":0.0})");
  expect_golden("topicStatus.out", {"topicStatus", "-t", "TopicA"});
}

TEST_F(TablesTest, UpdateTopic) {
  one_broker();
  on(code::kUpdateAndCreateTopic, "");
  on(code::kPutKvConfig, "");
  on(code::kGetKvConfig, [](const Request&) {
    Message reply;
    reply.field("value", "broker-a:8");
    return reply;
  });
  expect_golden("updateTopic_b.out", {"updateTopic", "-b", "127.0.0.1:20911", "-t", "AdmTopic", "-r", "4", "-w", "4"});
  EXPECT_EQ(seen_.back().second.at("readQueueNums"), "4");
  EXPECT_EQ(seen_.back().second.at("topicFilterType"), "SINGLE_TAG");
  expect_golden("updateTopic_c.out",
                {"updateTopic", "-c", "DefaultCluster", "-t", "AdmTopic", "-r", "8", "-w", "6", "-p", "6"});
  expect_golden("updateTopic_order.out", {"updateTopic", "-c", "DefaultCluster", "-t", "AdmOrder", "-o", "true"});
  EXPECT_EQ(seen_.back().second.at("value"), "broker-a:8");
  EXPECT_EQ(run({"updateOrderConf", "-m", "get", "-t", "AdmOrder"}).out + "\n", golden("updateOrderConf.out") + "\n");
  EXPECT_EQ(run({"updateTopicPerm", "-c", "DefaultCluster", "-t", "AdmTopic", "-p", "4"}).out,
            golden("updateTopicPerm.out"));
}

TEST_F(TablesTest, DeleteTopicAndGroup) {
  one_broker();
  for (const std::int32_t one :
       {code::kDeleteTopicInBroker, code::kDeleteTopicInNamesrv, code::kDeleteSubscriptiongroup})
    on(one, "");
  expect_golden("deleteTopic.out", {"deleteTopic", "-c", "DefaultCluster", "-t", "AdmTopic"});
  EXPECT_EQ(seen_.back().second.at("clusterName"), "DefaultCluster");
  expect_golden("deleteSubGroup.out", {"deleteSubGroup", "-c", "DefaultCluster", "-g", "AdmGroup2"});
}

TEST_F(TablesTest, UpdateSubGroup) {
  one_broker();
  on(code::kUpdateAndCreateSubscriptiongroup, "");
  expect_golden("updateSubGroup.out", {"updateSubGroup", "-c", "DefaultCluster", "-g", "AdmGroup"});
  expect_golden("updateSubGroup_b.out", {"updateSubGroup", "-b", "127.0.0.1:20911", "-g", "AdmGroup2", "-r", "5"});
  EXPECT_NE(seen_bodies_.back().find(R"("retryMaxTimes":5)"), std::string::npos);
}

TEST_F(TablesTest, GetConsumerConfig) {
  one_broker();
  on(code::kGetSubscriptiongroupConfig,
     R"({"attributes":{},"brokerId":0,"consumeBroadcastEnable":true,"consumeEnable":true,"consumeFromMinEnable":true,)"
     R"("consumeMessageOrderly":false,"consumeTimeoutMinute":15,"groupName":"GroupA","groupRetryPolicy":{"type":"CUSTOMIZED"},)"
     R"("groupSysFlag":0,"notifyConsumerIdsChangedEnable":true,"retryMaxTimes":3,"retryQueueNums":1,"whichBrokerWhenConsumeSlowly":1})");
  expect_golden("getConsumerConfig.out", {"getConsumerConfig", "-g", "GroupA"});
}

/// An entry of a consume-stats table.
std::string progress(const char* topic, int queue, std::int64_t end, std::int64_t at, std::int64_t time) {
  return fmt::format(R"({{"brokerName":"broker-a","queueId":{},"topic":"{}"}}:{{"brokerOffset":{},"consumerOffset":{},)"
                     R"("lastTimestamp":{},"pullOffset":{}}})",
                     queue, topic, end, at, time, at);
}

TEST_F(TablesTest, ConsumerProgressOfAGroup) {
  one_broker();
  on(code::kGetConsumeStats,
     fmt::format(R"({{"consumeTps":0.0,"offsetTable":{{{},{},{},{},{}}}}})", progress("TopicA", 3, 5, 5, 1795470454383),
                 progress("TopicA", 1, 6, 6, 1795470454401), progress("TopicA", 2, 10, 10, 1795470737317),
                 progress("TopicA", 0, 10, 10, 1795470454391), progress("%RETRY%GroupA", 0, 1, 1, 1795468969560)));
  expect_golden("consumerProgress_g.out", {"consumerProgress", "-g", "GroupA"});
}

TEST_F(TablesTest, ConsumerProgressOfAll) {
  one_broker();
  const std::string long_group =
      "LongGroup_0_LongGroup_1_LongGroup_2_LongGroup_3_LongGroup_4_LongGroup_5_LongGroup_6_LongGroup_7_LongGroup_8_Lo";
  on(code::kGetAllTopicListFromNameserver, topic_list());
  on(code::kGetConsumeStats, [=](const Request& request) {
    const auto group = request.frame.find("consumerGroup").value_or("");
    const std::int64_t behind = group == "GroupSql" ? 19 : group == long_group ? 1 : 0;
    Message reply;
    reply.body = fmt::format(R"({{"consumeTps":0.0,"offsetTable":{{{}}}}})", progress("T", 0, 20, 20 - behind, 0));
    return reply;
  });
  on(code::kGetConsumerConnectionList, [](const Request& request) {
    if (request.frame.find("consumerGroup") != "GroupA") return Message(206, "not online");
    Message reply;
    reply.body =
        R"({"connectionSet":[{"clientId":"c","version":513}],"consumeType":"CONSUME_PASSIVELY","messageModel":"CLUSTERING"})";
    return reply;
  });
  expect_golden("consumerProgress.out", {"consumerProgress"});
}

TEST_F(TablesTest, Connections) {
  one_broker();
  on(code::kGetConsumerConnectionList,
     R"({"connectionSet":[{"clientAddr":"127.0.0.1:43964","clientId":"192.0.2.2@liveCons","language":"JAVA","version":513}],)"
     R"("consumeFromWhere":"CONSUME_FROM_FIRST_OFFSET","consumeType":"CONSUME_PASSIVELY","messageModel":"CLUSTERING",)"
     R"("subscriptionTable":{"TopicA":{"subString":"TagA || TagB || live","topic":"TopicA"},"%RETRY%GroupA":{"subString":"*","topic":"%RETRY%GroupA"}}})");
  on(code::kGetProducerConnectionList,
     R"({"connectionSet":[{"clientAddr":"127.0.0.1:43976","clientId":"192.0.2.2@liveProd","language":"JAVA","version":513}]})");
  on(code::kGetAllProducerInfo,
     R"({"data":{"LiveProducer":[{"clientId":"192.0.2.2@liveProd","language":"JAVA","lastUpdateTimestamp":1795470850835,"remoteIP":"/127.0.0.1:43976","version":513}],)"
     R"("CLIENT_INNER_PRODUCER":[{"clientId":"192.0.2.2@liveProd","language":"JAVA","lastUpdateTimestamp":1795470850835,"remoteIP":"/127.0.0.1:43976","version":513},)"
     R"({"clientId":"192.0.2.2@liveCons","language":"JAVA","lastUpdateTimestamp":1795470826982,"remoteIP":"/127.0.0.1:43964","version":513}]}})");
  expect_golden("consumerConnection.out", {"consumerConnection", "-g", "GroupA"});
  expect_golden("producerConnection.out", {"producerConnection", "-g", "LiveProducer", "-t", "TopicA"});
  expect_golden("producer.out", {"producer", "-b", "127.0.0.1:20911"});
}

TEST_F(TablesTest, Configurations) {
  on(code::kGetBrokerConfig, properties_behind("getBrokerConfig.out"));
  on(code::kGetNamesrvConfig, properties_behind("getNamesrvConfig.out"));
  for (const std::int32_t one :
       {code::kUpdateBrokerConfig, code::kUpdateNamesrvConfig, code::kPutKvConfig, code::kDeleteKvConfig})
    on(one, "");
  const auto sorted = [](const std::string& text) {
    auto lines = lines_of(text);
    std::ranges::sort(lines);
    return lines;
  };
  EXPECT_EQ(sorted(run({"getBrokerConfig", "-b", "127.0.0.1:20911"}).out), sorted(golden("getBrokerConfig.out")));
  EXPECT_EQ(sorted(run({"getNamesrvConfig"}).out), sorted(golden("getNamesrvConfig.out")));
  expect_golden("updateBrokerConfig.out",
                {"updateBrokerConfig", "-b", "127.0.0.1:20911", "-k", "fileReservedTime", "-v", "721"});
  EXPECT_EQ(seen_bodies_.back(), "fileReservedTime=721\n");
  expect_golden("updateNamesrvConfig.out", {"updateNamesrvConfig", "-k", "clusterTest", "-v", "false"});
  expect_golden("updateKvConfig.out", {"updateKvConfig", "-s", "NS1", "-k", "k1", "-v", "v1"});
  expect_golden("deleteKvConfig.out", {"deleteKvConfig", "-s", "NS1", "-k", "k1"});
}

TEST_F(TablesTest, WritePermission) {
  const auto count = [](const char* field) {
    return [field](const Request&) {
      Message reply;
      reply.field(field, 32);
      return reply;
    };
  };
  on(code::kWipeWritePermOfBroker, count("wipeTopicCount"));
  on(code::kAddWritePermOfBroker, count("addTopicCount"));
  expect_golden("wipeWritePerm.out", {"wipeWritePerm", "-b", "broker-a"});
  expect_golden("addWritePerm.out", {"addWritePerm", "-b", "broker-a"});
}

TEST_F(TablesTest, ResetOffsets) {
  one_broker();
  on(code::kInvokeBrokerToResetOffset,
     R"({"offsetTable":{{"brokerName":"broker-a","queueId":0,"topic":"TopicA"}:10,{"brokerName":"broker-a","queueId":1,"topic":"TopicA"}:6,)"
     R"({"brokerName":"broker-a","queueId":2,"topic":"TopicA"}:10,{"brokerName":"broker-a","queueId":3,"topic":"TopicA"}:5}})");
  expect_golden("resetOffsetByTime.out", {"resetOffsetByTime", "-g", "GroupA", "-t", "TopicA", "-s", "-1"});
  EXPECT_EQ(seen_.back().second.at("timestamp"), "-1");
  expect_golden("skipAccumulatedMessage.out", {"skipAccumulatedMessage", "-g", "GroupSql", "-t", "TopicA"});
}

TEST_F(TablesTest, ResetOffsetsOneByOneWhereTheBrokerCannot) {
  one_broker();
  on_refuse(code::kInvokeBrokerToResetOffset, 206, "Consumer not online, so can not reset offset");
  on(code::kGetMaxOffset, [](const Request& request) {
    static const std::map<std::string_view, int> kEnds = {{"0", 10}, {"1", 6}, {"2", 10}, {"3", 5}};
    Message reply;
    reply.field("offset", kEnds.at(*request.frame.find("queueId")));
    return reply;
  });
  on(code::kUpdateConsumerOffset, "");
  expect_golden("resetOffsetByTime.out", {"resetOffsetByTime", "-g", "GroupA", "-t", "TopicA", "-s", "-1"});
  EXPECT_EQ(seen_.back().first, code::kUpdateConsumerOffset);
  EXPECT_EQ(seen_.back().second.at("commitOffset"), "5");
}

TEST_F(TablesTest, ResetsOneQueueAndHasItsConsumersTold) {
  on(code::kUpdateConsumerOffset, "");
  on(code::kInvokeBrokerToResetOffset, R"({"offsetTable":{{"brokerName":"broker-a","queueId":2,"topic":"TopicA"}:7}})");
  const auto outcome = run({"resetOffsetByTime", "-g", "GroupA", "-t", "TopicA", "-s", "1700000000000", "-b",
                            "127.0.0.1:20911", "-q", "2", "-o", "7"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("reset consumer offset to 7\n"), std::string::npos) << outcome.out;
  ASSERT_EQ(seen_.size(), 2U);
  EXPECT_EQ(seen_[0].first, code::kUpdateConsumerOffset);
  EXPECT_EQ(seen_[0].second.at("commitOffset"), "7");
  EXPECT_EQ(seen_[1].first, code::kInvokeBrokerToResetOffset);
  EXPECT_EQ(seen_[1].second.at("queueId"), "2");
  EXPECT_EQ(seen_[1].second.at("offset"), "7");
}

TEST_F(TablesTest, ResetsOneQueueWhereNobodyIsOnline) {
  on(code::kUpdateConsumerOffset, "");
  on_refuse(code::kInvokeBrokerToResetOffset, 206, "Consumer not online, so can not reset offset");
  EXPECT_EQ(run({"resetOffsetByTime", "-g", "GroupA", "-t", "TopicA", "-s", "0", "-b", "127.0.0.1:20911", "-q", "2",
                 "-o", "7"})
                .status,
            0);
}

TEST_F(TablesTest, ResetOfOneQueueThatTheBrokerRefusesFails) {
  on(code::kUpdateConsumerOffset, "");
  on_refuse(code::kInvokeBrokerToResetOffset, 1, "Target offset 7 not in consume queue range [0-5]");
  const auto outcome = run(
      {"resetOffsetByTime", "-g", "GroupA", "-t", "TopicA", "-s", "0", "-b", "127.0.0.1:20911", "-q", "2", "-o", "7"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.err.find("Target offset 7"), std::string::npos) << outcome.err;
}

TEST_F(TablesTest, CleansUpWhereItIsTold) {
  one_broker();
  on(code::kDeleteExpiredCommitlog, "");
  EXPECT_EQ(run({"deleteExpiredCommitLog", "-c", "DefaultCluster"}).out, "success");
  EXPECT_EQ(seen_.back().first, code::kDeleteExpiredCommitlog);
}

TEST_F(TablesTest, Replication) {
  on(code::kGetBrokerHaStatus,
     R"({"haClientRuntimeInfo":{},"haConnectionInfo":[{"addr":"127.0.0.1:39904","diff":0,"inSync":true,"slaveAckOffset":2057848,)"
     R"("transferFromWhere":2057848,"transferredByteInSecond":0}],"inSyncSlaveNums":1,"master":true,"masterCommitLogMaxOffset":2057848})");
  expect_golden("haStatus_withSlave.out", {"haStatus", "-b", "127.0.0.1:20911"});
}

TEST_F(TablesTest, StatsAll) {
  one_broker();
  on(code::kGetAllTopicListFromNameserver, R"({"topicList":["TopicA","TopicB"]})");
  on(code::kQueryTopicConsumeByWho, R"({"groupList":["GroupSql","GroupA"]})");
  on_refuse(code::kViewBrokerStatsData, 1, "The stats <TOPIC_PUT_NUMS> <TopicA> not exist");
  on(code::kGetConsumeStats, [](const Request& request) {
    const std::int64_t behind = request.frame.find("consumerGroup") == "GroupSql" ? 19 : 0;
    Message reply;
    reply.body = fmt::format(R"({{"consumeTps":0.0,"offsetTable":{{{}}}}})", progress("TopicA", 0, 20, 20 - behind, 0));
    return reply;
  });
  expect_golden("statsAll_t.out", {"statsAll", "-t", "TopicA"});
}

TEST_F(TablesTest, QueryCq) {
  on(code::kQueryConsumeQueue,
     R"({"maxQueueIndex":10,"minQueueIndex":0,"queueData":[{"eval":false,"physicOffset":0,"physicSize":294,"tagsCode":2598919},)"
     R"({"eval":false,"physicOffset":1260,"physicSize":346,"tagsCode":2598920},{"eval":false,"physicOffset":2728,"physicSize":402,"tagsCode":80592299}]})");
  expect_golden("queryCq.out", {"queryCq", "-t", "TopicA", "-q", "0", "-i", "0", "-c", "3", "-b", "127.0.0.1:20911"});
}

}  // namespace
}  // namespace ogive::admin
