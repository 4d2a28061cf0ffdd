// The configuration changed by request: checked, in force, and in the file. 25, 26.

#include "broker/broker_fixture_for_test.h"

namespace ogive::broker {
namespace {

namespace request_code = protocol::request_code;
namespace code = protocol::response_code;

constexpr const char* kPath = "/conf/broker.conf";

class ConfigHandlersTest : public BrokerFixture {
 protected:
  std::map<std::string, std::string> settings() const override { return {{"brokerConfigPath", kPath}}; }

  void write(std::string_view text) {
    EXPECT_TRUE(node_.files().create_directories("/conf").has_value());
    EXPECT_TRUE(io::replace_file(node_.files(), kPath, text).has_value());
  }
  std::string file() {
    auto text = io::read_file(node_.files(), kPath, 1 << 20);
    return text ? *text : "(" + text.error().message() + ")";
  }
  Reply update(std::string body) { return ask(request_code::kUpdateBrokerConfig, {}, std::move(body)); }
};

TEST_F(ConfigHandlersTest, ChangesAreInForceAndInTheFileWhereTheUserWroteThem) {
  write("# our broker\nmaxMessageSize = 4194304\n\n# end\n");
  EXPECT_EQ(update("maxMessageSize=1024\ntraceOn=false\n").code, 0);
  EXPECT_EQ(file(), "# our broker\nmaxMessageSize=1024\n\n# end\ntraceOn=false\n");
  make_topic("T", 1);
  EXPECT_EQ(send("T", 0, std::string(2'000, 'x')).code, code::kMessageIllegal);
  EXPECT_NE(ask(request_code::kGetBrokerConfig).body.find("maxMessageSize=1024\n"), std::string::npos);
}

TEST_F(ConfigHandlersTest, AFileThatIsMissingIsMade) {
  EXPECT_EQ(update("maxMessageSize=2048\n").code, 0);
  EXPECT_EQ(file(), "maxMessageSize=2048\n");
}

TEST_F(ConfigHandlersTest, WhatMustNotChangeIsRefusedWhole) {
  write("maxMessageSize=4096\n");
  for (const std::string key : {"brokerConfigPath", "configBlackList", "rocketmqHome"}) {
    const Reply reply = update("maxMessageSize=1024\n" + key + "=/etc/passwd\n");
    EXPECT_EQ(reply.code, code::kNoPermission) << key;
    EXPECT_TRUE(reply.remark.starts_with("Can not update config in black list")) << reply.remark;
  }
  EXPECT_EQ(file(), "maxMessageSize=4096\n");
}

TEST_F(ConfigHandlersTest, ValuesThatCannotBeMeantAreRefusedWhole) {
  for (const std::string line : {"maxMessageSize=-1", "maxMessageSize=lots", "flushDiskType=SOMETIMES",
                                 "brokerPermission=x", "traceOn=perhaps"}) {
    EXPECT_EQ(update("fileReservedTime=24\n" + line + "\n").code, code::kInvalidParameter) << line;
  }
  EXPECT_TRUE(file().starts_with("("));
}

TEST_F(ConfigHandlersTest, UnknownKeysAreTakenAndForgotten) {
  const Reply reply = update("maxMesageSize=1\n");
  EXPECT_EQ(reply.code, 0);
  EXPECT_NE(reply.remark.find("did you mean 'maxMessageSize'?"), std::string::npos) << reply.remark;
  EXPECT_TRUE(file().starts_with("(")) << "nothing to keep";
}

TEST_F(ConfigHandlersTest, WhatWaitsForARestartIsSaid) {
  EXPECT_NE(update("listenPort=12345\n").remark.find("next start"), std::string::npos);
  EXPECT_EQ(file(), "listenPort=12345\n");
}

TEST_F(ConfigHandlersTest, PullsAndTopicCreationFollowAtOnce) {
  make_topic("T", 1);
  for (int i = 0; i < 5; ++i) send("T", 0, "x");
  consume("c", "G", "T");
  EXPECT_EQ(update("maxTransferCountOnMessageInMemory=2\nautoCreateTopicEnable=false\n").code, 0);
  world_.run_for(Milliseconds(10));
  const Reply pulled = ask("c", request(request_code::kPullMessage, {{"consumerGroup", "G"},
                                                                     {"topic", "T"},
                                                                     {"queueId", "0"},
                                                                     {"queueOffset", "0"},
                                                                     {"maxMsgNums", "32"},
                                                                     {"sysFlag", "0"},
                                                                     {"commitOffset", "0"},
                                                                     {"suspendTimeoutMillis", "0"},
                                                                     {"subVersion", "0"}}));
  EXPECT_EQ(pulled.field("nextBeginOffset"), "2");
  EXPECT_EQ(send("Fresh", 0, "x").code, code::kTopicNotExist);
}

TEST_F(ConfigHandlersTest, ABodyThatIsEmptyChangesNothing) {
  EXPECT_EQ(update("").code, 0);
  EXPECT_EQ(update("# only a comment\n").code, 0);
  EXPECT_TRUE(file().starts_with("("));
}

}  // namespace
}  // namespace ogive::broker
