// Connected clients and their locks: 34, 35, 38, 41, 42, 46, 203, 204, 328.

#include "broker/broker_fixture_for_test.h"
#include "protocol/bodies/connections.h"
#include "protocol/bodies/lists.h"
#include "protocol/bodies/locking.h"

namespace ogive::broker {
namespace {

namespace request_code = protocol::request_code;
namespace code = protocol::response_code;

class SessionHandlersTest : public BrokerFixture {
 protected:
  Reply produce(const std::string& name, const std::string& group) {
    return ask(name, request(request_code::kHeartBeat, {},
                             R"({"clientID":")" + name + R"(","consumerDataSet":[],"producerDataSet":[{"groupName":")" +
                                 group + R"("}]})"));
  }
  Reply lock(std::int32_t number, const std::string& client_id) {
    return ask(number, {},
               R"({"clientId":")" + client_id +
                   R"(","consumerGroup":"G","mqSet":[{"brokerName":"broker-a","queueId":0,"topic":"T"}]})");
  }
};

TEST_F(SessionHandlersTest, AHeartbeatMakesGroupAndRetryTopic) {
  make_topic("T", 1);
  const Reply reply = consume("c1", "G", "T");
  EXPECT_EQ(reply.field("IS_SUPPORT_HEART_BEAT_V2"), "true");
  EXPECT_EQ(reply.field("IS_SUB_CHANGE"), "true");
  EXPECT_EQ(ask(request_code::kGetTopicConfig, {{"topic", "%RETRY%G"}}).code, 0);
  EXPECT_EQ(ask(request_code::kGetConsumerListByGroup, {{"consumerGroup", "G"}})
                .as<protocol::GetConsumerListByGroupResponseBody>()
                .consumer_id_list,
            std::vector<std::string>{"c1"});
  EXPECT_EQ(ask("c1", request(request_code::kUnregisterClient, {{"clientID", "c1"}, {"consumerGroup", "G"}})).code, 0);
  EXPECT_EQ(ask(request_code::kGetConsumerListByGroup, {{"consumerGroup", "G"}}).remark,
            "no consumer for this group, G");
}

TEST_F(SessionHandlersTest, BadHeartbeatsAreRefused) {
  for (const std::string body : {"", "{not json", "{}", R"({"clientID":""})", "[]"}) {
    EXPECT_EQ(ask(request_code::kHeartBeat, {}, body).code, code::kSystemError) << body;
  }
  consume("c1", "../../x", "T");
  EXPECT_EQ(ask(request_code::kGetTopicConfig, {{"topic", "%RETRY%../../x"}}).code, code::kTopicNotExist);
}

TEST_F(SessionHandlersTest, ConnectionsAreShown) {
  make_topic("T", 1);
  consume("c1", "G", "T", "TagA");
  const auto consumers =
      ask(request_code::kGetConsumerConnectionList, {{"consumerGroup", "G"}}).as<protocol::ConsumerConnection>();
  ASSERT_EQ(consumers.connection_set.size(), 1u);
  EXPECT_EQ(consumers.connection_set[0].client_id, "c1");
  EXPECT_EQ(consumers.connection_set[0].version, protocol::kOwnVersion);
  EXPECT_EQ(consumers.subscription_table.at("T").sub_string, "TagA");
  EXPECT_EQ(ask(request_code::kGetConsumerConnectionList, {{"consumerGroup", "H"}}).code, code::kConsumerNotOnline);

  produce("p1", "P");
  const auto producers =
      ask(request_code::kGetProducerConnectionList, {{"producerGroup", "P"}}).as<protocol::ProducerConnection>();
  ASSERT_EQ(producers.connection_set.size(), 1u);
  EXPECT_EQ(ask(request_code::kGetProducerConnectionList, {{"producerGroup", "none"}}).remark,
            "the producer group[none] not exist");
  const auto all = ask(request_code::kGetAllProducerInfo).as<protocol::ProducerTableInfo>();
  EXPECT_EQ(all.data.at("P").at(0).client_id, "p1");
  EXPECT_GT(all.data.at("P").at(0).last_update_timestamp, 0);
}

TEST_F(SessionHandlersTest, ALockIsOneClients) {
  const auto locked = [](const Reply& reply) {
    return reply.as<protocol::LockBatchResponseBody>().lock_ok_mq_set.size();
  };
  EXPECT_EQ(locked(lock(request_code::kLockBatchMq, "c1")), 1u);
  EXPECT_EQ(locked(lock(request_code::kLockBatchMq, "c2")), 0u);
  EXPECT_EQ(lock(request_code::kUnlockBatchMq, "c2").code, 0);
  EXPECT_EQ(locked(lock(request_code::kLockBatchMq, "c2")), 0u) << "only its holder gives a lock back";
  EXPECT_EQ(lock(request_code::kUnlockBatchMq, "c1").code, 0);
  EXPECT_EQ(locked(lock(request_code::kLockBatchMq, "c2")), 1u);
  EXPECT_EQ(ask(request_code::kLockBatchMq, {}, "{").code, code::kSystemError);
  EXPECT_EQ(ask(request_code::kUnlockBatchMq, {}, "").code, code::kSystemError);
}

TEST_F(SessionHandlersTest, TagExpressionsAreSupported) {
  const auto check = [&](const std::string& type) {
    return ask(request_code::kCheckClientConfig, {},
               R"({"clientId":"c","group":"G","subscriptionData":{"topic":"T","subString":"a","expressionType":")" +
                   type + R"("}})")
        .code;
  };
  EXPECT_EQ(check("TAG"), 0);
  EXPECT_EQ(check("nonsense"), code::kSystemError);
}

}  // namespace
}  // namespace ogive::broker
