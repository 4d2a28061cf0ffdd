// Questions that are passed on to consumers: 307, 309, 223 (221 towards clients).

#include "broker/broker_fixture_for_test.h"
#include "message/record.h"
#include "protocol/bodies/offsets.h"

namespace ogive::broker {
namespace {

namespace request_code = protocol::request_code;
namespace code = protocol::response_code;
using remoting::Lane;
using remoting::Message;
using remoting::Request;

class ClientHandlersTest : public BrokerFixture {
 protected:
  /// The client's requests from the broker are kept and answered by `answer`.
  void answer(const std::string& name, std::int32_t number, Message answer) {
    client(name).table.add({number, "TEST", Lane::kReactor, remoting::Answer([this, answer](const Request& request) {
                              seen_ = copy_reply(&request.frame);
                              return answer;
                            })});
  }
  Reply running_info(const std::string& group, const std::string& client_id) {
    return ask(request_code::kGetConsumerRunningInfo,
               {{"consumerGroup", group}, {"clientId", client_id}, {"jstackEnable", "false"}});
  }

  Reply seen_;
};

Message with_body(std::string body) {
  Message message(0, "fine");
  message.field("extra", "kept");
  message.body = std::move(body);
  return message;
}

TEST_F(ClientHandlersTest, RunningInfoIsWhatTheConsumerSays) {
  make_topic("T", 1);
  answer("c1", request_code::kGetConsumerRunningInfo, with_body(R"({"jstack":"x"})"));
  consume("c1", "G", "T");
  const Reply reply = running_info("G", "c1");
  EXPECT_EQ(reply.code, 0);
  EXPECT_EQ(reply.remark, "fine");
  EXPECT_EQ(reply.body, R"({"jstack":"x"})");
  EXPECT_EQ(reply.field("extra"), "kept");
  EXPECT_EQ(seen_.code, request_code::kGetConsumerRunningInfo);
  EXPECT_EQ(seen_.field("jstackEnable"), "false");
}

TEST_F(ClientHandlersTest, AConsumerThatIsNotThereIsSaidToBeOffline) {
  EXPECT_EQ(running_info("G", "c1").remark, "The Consumer <G> <c1> not online");
  make_topic("T", 1);
  consume("c1", "G", "T");
  const Reply other = running_info("G", "c2");
  EXPECT_EQ(other.code, code::kSystemError);
  EXPECT_EQ(ask(request_code::kGetConsumerRunningInfo, {{"clientId", "c1"}}).code, code::kSystemError);
}

TEST_F(ClientHandlersTest, ASilentConsumerTimesOut) {
  make_topic("T", 1);
  client("c1").table.add(
      {request_code::kGetConsumerRunningInfo, "TEST", Lane::kReactor, remoting::AnswerLater([](const Request&) {})});
  consume("c1", "G", "T");
  const Reply reply = running_info("G", "c1");
  EXPECT_EQ(reply.code, code::kConsumeMsgTimeout);
}

TEST_F(ClientHandlersTest, AMessageIsConsumedByHand) {
  make_topic("T", 1);
  const Reply sent = send("T", 0, "the body");
  answer("c1", request_code::kConsumeMessageDirectly, with_body(R"({"consumeResult":"CR_SUCCESS"})"));
  consume("c1", "G", "T");
  const Reply reply = ask(request_code::kConsumeMessageDirectly,
                          {{"consumerGroup", "G"}, {"clientId", "c1"}, {"msgId", sent.field("msgId")}, {"topic", "T"}});
  EXPECT_EQ(reply.body, R"({"consumeResult":"CR_SUCCESS"})");
  EXPECT_EQ(seen_.field("brokerName"), "broker-a");
  EXPECT_EQ(seen_.field("topicSysFlag"), "0");
  EXPECT_EQ(seen_.field("groupSysFlag"), "0");
  const auto record = message::decode_record(as_bytes(seen_.body));
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(as_chars(record->body), "the body");
}

TEST_F(ClientHandlersTest, AMessageThatIsNoneIsRefused) {
  for (const std::string id : {"", "xyz", "../../etc/passwd", "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"}) {
    const Reply reply = ask(request_code::kConsumeMessageDirectly,
                            {{"consumerGroup", "G"}, {"clientId", "c1"}, {"msgId", id}, {"topic", "T"}});
    EXPECT_EQ(reply.code, code::kSystemError) << id;
  }
}

TEST_F(ClientHandlersTest, StatusesOfAllConsumersAreGathered) {
  make_topic("T", 1);
  const std::string status = R"({"messageQueueTable":{{"brokerName":"broker-a","queueId":0,"topic":"T"}:7}})";
  for (const std::string name : {"c1", "c2"}) {
    answer(name, request_code::kGetConsumerStatusFromClient, with_body(status));
    consume(name, "G", "T");
  }
  const auto all = ask(request_code::kInvokeBrokerToGetConsumerStatus, {{"topic", "T"}, {"group", "G"}})
                       .as<protocol::GetConsumerStatusBody>();
  ASSERT_EQ(all.consumer_table.size(), 2u);
  EXPECT_EQ(all.consumer_table.at("c2").at({"T", "broker-a", 0}), 7);
  const auto one =
      ask(request_code::kInvokeBrokerToGetConsumerStatus, {{"topic", "T"}, {"group", "G"}, {"clientAddr", "c1"}})
          .as<protocol::GetConsumerStatusBody>();
  EXPECT_EQ(one.consumer_table.size(), 1u);
  EXPECT_EQ(ask(request_code::kInvokeBrokerToGetConsumerStatus, {{"topic", "T"}, {"group", "none"}}).code,
            code::kSystemError);
}

}  // namespace
}  // namespace ogive::broker
