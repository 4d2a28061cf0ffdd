// INVOKE_BROKER_TO_RESET_OFFSET in both ways, and RESET_CONSUMER_CLIENT_OFFSET (220) towards clients.

#include "broker/broker_fixture_for_test.h"
#include "protocol/bodies/offsets.h"
#include "protocol/headers/pull.h"

namespace ogive::broker {
namespace {

namespace request_code = protocol::request_code;
namespace code = protocol::response_code;

class ResetHandlersTest : public BrokerFixture {
 protected:
  void SetUp() override {
    BrokerFixture::SetUp();
    make_topic("T", 2);
    make_group("G");
    for (int i = 0; i < 5; ++i) {
      send("T", 0, "early");
      if (i == 2) {
        world_.run_for(Milliseconds(1'000));
        middle_ms_ = node_.clock().wall_ms();
        world_.run_for(Milliseconds(1'000));
      }
    }
  }

  Reply reset(Fields fields) { return ask(request_code::kInvokeBrokerToResetOffset, fields); }
  Reply reset_by_time(const std::string& timestamp, const std::string& force = "true") {
    return reset({{"topic", "T"}, {"group", "G"}, {"timestamp", timestamp}, {"isForce", force}});
  }
  static std::int64_t offset_of(const Reply& reply, int queue) {
    const auto body = reply.as<protocol::ResetOffsetBody>();
    const auto found = body.offset_table.find({"T", "broker-a", queue});
    return found == body.offset_table.end() ? -1 : found->second;
  }

  std::int64_t middle_ms_ = 0;
};

TEST_F(ResetHandlersTest, GoesByTimeOnEveryQueue) {
  const Reply reply = reset_by_time(std::to_string(middle_ms_));
  EXPECT_EQ(reply.code, 0) << reply.remark;
  EXPECT_EQ(offset_of(reply, 0), 3);
  EXPECT_EQ(offset_of(reply, 1), 0);
  EXPECT_EQ(committed("G", "T", 0).field("offset"), "3");
}

TEST_F(ResetHandlersTest, MinusOneIsTheEnd) {
  EXPECT_EQ(offset_of(reset_by_time("-1"), 0), 5);
  EXPECT_EQ(offset_of(reset_by_time("0"), 0), 0);
}

TEST_F(ResetHandlersTest, AnOffsetOfOneQueueMustBeInIt) {
  const auto to = [&](const std::string& queue, const std::string& offset) {
    return reset({{"topic", "T"},
                  {"group", "G"},
                  {"timestamp", "0"},
                  {"isForce", "true"},
                  {"queueId", queue},
                  {"offset", offset}});
  };
  EXPECT_EQ(offset_of(to("0", "2"), 0), 2);
  EXPECT_EQ(to("0", "6").remark, "Target offset 6 not in consume queue range [0-5]");
  EXPECT_EQ(to("0", "-7").code, code::kSystemError);
  EXPECT_EQ(to("9", "0").code, code::kSystemError);
  EXPECT_EQ(committed("G", "T", 0).field("offset"), "2");
}

TEST_F(ResetHandlersTest, WhatIsNotThereIsNamed) {
  EXPECT_EQ(reset({{"topic", "none"}, {"group", "G"}, {"timestamp", "0"}, {"isForce", "true"}}).code,
            code::kTopicNotExist);
  EXPECT_EQ(reset({{"topic", "T"}, {"group", "none"}, {"timestamp", "0"}, {"isForce", "true"}}).code,
            code::kSubscriptionGroupNotExist);
  EXPECT_EQ(reset({{"topic", "T"}, {"group", "G"}}).code, code::kSystemError);
}

TEST_F(ResetHandlersTest, CommitsAreSwallowedUntilTheNextPullJumped) {
  consume("c1", "G", "T");
  commit("G", "T", 0, 4);
  reset_by_time("0");
  EXPECT_EQ(commit("G", "T", 0, 4).remark, "Offset has been previously reset");
  EXPECT_EQ(committed("G", "T", 0).field("offset"), "0");
  const Reply pulled = ask("c1", request(request_code::kPullMessage, {{"consumerGroup", "G"},
                                                                      {"topic", "T"},
                                                                      {"queueId", "0"},
                                                                      {"queueOffset", "4"},
                                                                      {"maxMsgNums", "32"},
                                                                      {"sysFlag", "0"},
                                                                      {"commitOffset", "0"},
                                                                      {"suspendTimeoutMillis", "0"},
                                                                      {"subVersion", "0"}}));
  EXPECT_EQ(pulled.code, code::kPullOffsetMoved);
  EXPECT_EQ(pulled.field("nextBeginOffset"), "0");
  EXPECT_EQ(commit("G", "T", 0, 4).code, 0);
  EXPECT_EQ(committed("G", "T", 0).field("offset"), "4");
}

/// useServerSideResetOffset=false: the way of older brokers.
class ClientSideResetTest : public ResetHandlersTest {
 protected:
  std::map<std::string, std::string> settings() const override { return {{"useServerSideResetOffset", "false"}}; }

  void listen(const std::string& name) {
    client(name).table.add({request_code::kResetConsumerClientOffset, "TEST", remoting::Lane::kReactor,
                            remoting::AnswerLater([this](const remoting::Request& request) {
                              told_.push_back(copy_reply(&request.frame));
                            })});
    consume(name, "G", "T");
  }

  std::vector<Reply> told_;
};

TEST_F(ClientSideResetTest, TellsTheOnlineClients) {
  listen("c1");
  listen("c2");
  commit("G", "T", 0, 4);
  commit("G", "T", 1, 0);
  const Reply reply = reset_by_time(std::to_string(middle_ms_));
  EXPECT_EQ(offset_of(reply, 0), 3);
  world_.run_for(Milliseconds(50));
  ASSERT_EQ(told_.size(), 2u);
  EXPECT_EQ(told_[0].field("group"), "G");
  EXPECT_EQ(told_[0].as<protocol::ResetOffsetBody>().offset_table.at({"T", "broker-a", 0}), 3);
  EXPECT_EQ(committed("G", "T", 0).field("offset"), "4") << "the clients commit, not the broker";
}

TEST_F(ClientSideResetTest, TellsThemOfTheOneQueueThatWasNamed) {
  listen("c1");
  commit("G", "T", 0, 4);
  const Reply reply = reset(
      {{"topic", "T"}, {"group", "G"}, {"timestamp", "0"}, {"isForce", "false"}, {"queueId", "0"}, {"offset", "2"}});
  EXPECT_EQ(offset_of(reply, 0), 2);
  world_.run_for(Milliseconds(50));
  ASSERT_EQ(told_.size(), 1u);
  const auto offsets = told_[0].as<protocol::ResetOffsetBody>().offset_table;
  ASSERT_EQ(offsets.size(), 1u) << "the other queues stay where they are";
  EXPECT_EQ(offsets.at({"T", "broker-a", 0}), 2);
}

TEST_F(ClientSideResetTest, GoesForwardOnlyByForce) {
  listen("c1");
  commit("G", "T", 0, 1);
  commit("G", "T", 1, 0);
  EXPECT_EQ(offset_of(reset_by_time("-1", "false"), 0), 1);
  EXPECT_EQ(offset_of(reset_by_time("-1", "true"), 0), 5);
}

TEST_F(ClientSideResetTest, NeedsSomebodyOnlineAndAnOffset) {
  EXPECT_EQ(reset_by_time("-1").remark, "The consumer group <G> not exist");
  commit("G", "T", 0, 1);
  commit("G", "T", 1, 0);
  const Reply reply = reset_by_time("-1");
  EXPECT_EQ(reply.code, code::kConsumerNotOnline);
  EXPECT_EQ(reply.remark, "Consumer not online, so can not reset offset, Group: G Topic: T Timestamp: -1");
}

TEST_F(ClientSideResetTest, ClientsInCppGetAList) {
  listen("c1");
  commit("G", "T", 0, 4);
  commit("G", "T", 1, 0);
  io::OutBuffer out;
  protocol::FrameWriter writer(out, protocol::Serialization::kJson, request_code::kInvokeBrokerToResetOffset, 1, 0,
                               {.language = protocol::language::kCpp, .version = protocol::version::kV4_9_4});
  writer.field("topic", "T");
  writer.field("group", "G");
  writer.field("timestamp", "0");
  writer.field("isForce", "true");
  writer.finish();
  std::vector<ByteView> pieces(8);
  pieces.resize(out.peek(pieces));
  std::string frame;
  for (const ByteView piece : pieces) frame += as_chars(piece);
  EXPECT_EQ(ask_raw(frame).code, 0);
  world_.run_for(Milliseconds(50));
  ASSERT_EQ(told_.size(), 1u);
  const auto list = told_[0].as<protocol::ResetOffsetBodyForC>();
  ASSERT_EQ(list.offset_table.size(), 2u);
  EXPECT_EQ(list.offset_table[0].broker_name, "broker-a");
}

}  // namespace
}  // namespace ogive::broker
