// The name server as its peers see it, in the simulated world.

#include "namesrv/name_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/codes.h"
#include "testing/generated_rows.h"
#include "testing/sim_node.h"
#include "testing/sim_world.h"

namespace ogive::namesrv {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using remoting::Message;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::uint16_t kPort = 9876;
constexpr std::string_view kTopics =
    R"({"filterServerList":[],"topicConfigSerializeWrapper":{"dataVersion":{"counter":1,"stateVersion":0,"timestamp":7},)"
    R"("topicConfigTable":{"T1":{"perm":6,"readQueueNums":4,"topicName":"T1","topicSysFlag":0,"writeQueueNums":4},)"
    R"("T2":{"perm":6,"readQueueNums":1,"topicName":"T2","topicSysFlag":0,"writeQueueNums":1}}}})";

/// A peer on a node of its own with one connection.
struct Peer {
  explicit Peer(sim::SimNode& node) : client(node.network(), node.reactor(), {}, &table) {}
  remoting::HandlerTable table;
  remoting::Client client;
};

struct Reply {
  std::int32_t code = -1;
  std::string remark;
  std::string body;
  std::map<std::string, std::string> fields;
};

class NameServerTest : public ::testing::Test {
 protected:
  void SetUp() override { start(settings()); }

  virtual std::map<std::string, std::string> settings() const { return {}; }

  void start(std::map<std::string, std::string> wanted) {
    wanted["kvConfigPath"] = "/ns/kvConfig.json";
    wanted["configStorePath"] = "/ns/namesrv.properties";
    node_.run([this, wanted](sim::SimNode& node) {
      struct Process {
        settings::Settings settings{settings::namesrv_scopes(), settings::Machine{}};
        std::vector<io::Executor*> reactors;
        std::unique_ptr<NameServer> server;
      };
      auto process = std::make_shared<Process>();
      for (const auto& [key, value] : wanted) process->settings.assign(key, value);
      process->reactors = node.reactors();
      process->server = std::make_unique<NameServer>(
          Environment{node.network(), process->reactors, node.tasks(), node.files()}, process->settings);
      EXPECT_TRUE(process->server->start().has_value());
      server_ = process->server.get();
      return process;
    });
    world_.run_for(10ms);
  }

  Reply ask(sim::SimNode& from, Message message) {
    std::optional<Reply> reply;
    auto* peer = peers_[from.name()].get();
    from.reactor().post([&, peer] {
      peer->client.request(node_.endpoint(kPort), std::move(message), 3s, [&](Result<const protocol::Frame*> frame) {
        reply.emplace();
        if (!frame) {
          reply->remark = frame.error().message();
          return;
        }
        reply->code = (*frame)->code;
        reply->remark = (*frame)->remark;
        reply->body = as_chars((*frame)->body);
        for (const auto& field : (*frame)->fields) reply->fields[std::string(field.name)] = field.value;
      });
    });
    world_.run_until([&] { return reply.has_value(); }, 5s);
    return reply.value_or(Reply{});
  }

  /// A node with a client; `name` twice gives two nodes unless it is the same object.
  sim::SimNode& peer(const std::string& name) {
    sim::SimNode& node = world_.add_node(name);
    node.run([this, name](sim::SimNode& self) {
      auto made = std::make_shared<Peer>(self);
      peers_[name] = made;
      return made;
    });
    world_.run_for(1ms);
    return node;
  }

  static Message request(std::int32_t code, std::initializer_list<std::pair<const char*, std::string>> fields,
                         std::string body = {}) {
    Message message(code);
    for (const auto& [name, value] : fields) message.field(name, std::string_view(value));
    message.body = std::move(body);
    return message;
  }
  static Message registration(const std::string& address, const std::string& id = "0",
                              const std::string& timeout = "") {
    Message message = request(protocol::request_code::kRegisterBroker,
                              {{"brokerName", "a"},
                               {"brokerAddr", address},
                               {"clusterName", "C"},
                               {"haServerAddr", "10.9.9.9:1"},
                               {"brokerId", id},
                               {"enableActingMaster", "true"}},
                              std::string(kTopics));
    if (!timeout.empty()) message.field("heartbeatTimeoutMillis", std::string_view(timeout));
    return message;
  }
  static Message route(const std::string& topic) {
    return request(protocol::request_code::kGetRouteinfoByTopic, {{"topic", topic}});
  }

  sim::SimWorld world_{20261124};
  std::map<std::string, std::shared_ptr<Peer>> peers_;  ///< Shared with their nodes, which destroy them when they die.
  sim::SimNode& node_ = world_.add_node("ns");
  NameServer* server_ = nullptr;
};

TEST_F(NameServerTest, DocumentationHasTheRowsOfTheTable) {
  for (const auto& row : server_->handlers().rows()) EXPECT_EQ(row.name, protocol::request_code_name(row.code));
  testing_support::expect_rows_in_docs("docs/protocol/name-server.md",
                                       remoting::markdown_table(server_->handlers().rows()));
}

TEST_F(NameServerTest, ServesRoutesOfRegisteredBrokers) {
  auto& broker = peer("broker");
  auto& client = peer("client");
  EXPECT_EQ(ask(client, route("T1")).code, protocol::response_code::kTopicNotExist);
  EXPECT_EQ(ask(broker, registration("10.0.0.7:10911")).code, 0);
  const Reply found = ask(client, route("T1"));
  EXPECT_EQ(found.code, 0);
  EXPECT_THAT(found.body, StartsWith(R"({"brokerDatas":[{"brokerAddrs":{"0":"10.0.0.7:10911"})"));
  const Reply none = ask(client, route("../x"));
  EXPECT_EQ(none.code, protocol::response_code::kTopicNotExist);
  EXPECT_THAT(none.remark, StartsWith("No topic route info in name server for the topic: ../x\nSee https://"));
  EXPECT_EQ(ask(client, request(protocol::request_code::kGetBrokerClusterInfo, {})).body,
            R"({"brokerAddrTable":{"a":{"brokerAddrs":{0:"10.0.0.7:10911"},"brokerName":"a","cluster":"C",)"
            R"("enableActingMaster":true}},"clusterAddrTable":{"C":["a"]}})");
}

TEST_F(NameServerTest, AnswersEveryCodeOfItsTable) {
  EXPECT_EQ(server_->handlers().rows().size(), 23u);
  auto& client = peer("client");
  for (const auto& row : server_->handlers().rows()) {
    const Reply reply = ask(client, Message(row.code));
    EXPECT_NE(reply.code, -1) << row.name << ": " << reply.remark;
    EXPECT_NE(reply.code, protocol::response_code::kRequestCodeNotSupported) << row.name;
    EXPECT_EQ(row.name, protocol::request_code_name(row.code));
  }
  EXPECT_EQ(ask(client, Message(9999)).remark, " request type 9999 not supported");
}

TEST_F(NameServerTest, ForgetsABrokerWhoseProcessDies) {
  auto& broker = peer("broker");
  auto& client = peer("client");
  ask(broker, registration("10.0.0.7:10911"));
  peers_.erase("broker");
  broker.kill();
  world_.run_for(1s);
  EXPECT_EQ(ask(client, route("T1")).code, protocol::response_code::kTopicNotExist);
}

TEST_F(NameServerTest, ExpiresABrokerThatOnlyStaysSilent) {
  auto& broker = peer("broker");
  auto& client = peer("client");
  ask(broker, registration("10.0.0.7:10911", "0", "10000"));
  const Message beat = request(protocol::request_code::kBrokerHeartbeat,
                               {{"brokerName", "a"}, {"brokerAddr", "10.0.0.7:10911"}, {"clusterName", "C"}});
  for (int i = 0; i < 10; ++i) {
    world_.run_for(5s);
    EXPECT_EQ(ask(broker, beat).code, 0);
  }
  EXPECT_EQ(ask(client, route("T1")).code, 0);
  world_.run_for(16s);
  EXPECT_EQ(ask(client, route("T1")).code, protocol::response_code::kTopicNotExist);
}

TEST_F(NameServerTest, ASuccessorOutlivesTheEndOfItsPredecessor) {
  auto& first = peer("first");
  auto& second = peer("second");
  auto& client = peer("client");
  ask(first, registration("10.0.0.7:10911"));
  ask(second, registration("10.0.0.7:10911"));
  const Message leave =
      request(protocol::request_code::kUnregisterBroker,
              {{"brokerName", "a"}, {"brokerAddr", "10.0.0.7:10911"}, {"clusterName", "C"}, {"brokerId", "0"}});
  EXPECT_EQ(ask(first, leave).code, 0);
  EXPECT_EQ(ask(client, route("T1")).code, 0);
  peers_.erase("first");
  first.kill();
  world_.run_for(1s);
  EXPECT_EQ(ask(client, route("T1")).code, 0);
  EXPECT_EQ(ask(second, leave).code, 0);
  EXPECT_EQ(ask(client, route("T1")).code, protocol::response_code::kTopicNotExist);
}

TEST_F(NameServerTest, RefusesNamesThatCouldLeaveADirectory) {
  auto& broker = peer("broker");
  Message message = registration("10.0.0.7:10911");
  message.fields[0].second = "../x";
  const Reply refused = ask(broker, message);
  EXPECT_EQ(refused.code, protocol::response_code::kInvalidParameter);
  EXPECT_THAT(refused.remark, HasSubstr("the broker name ../x contains illegal characters"));
  EXPECT_EQ(ask(broker, request(protocol::request_code::kDeleteTopicInNamesrv, {{"topic", "../x"}})).code,
            protocol::response_code::kInvalidParameter);
}

TEST_F(NameServerTest, KeepsKvConfigAndConfigurationThroughAPowerLoss) {
  auto& admin = peer("admin");
  EXPECT_EQ(ask(admin, request(protocol::request_code::kPutKvConfig,
                               {{"namespace", "ORDER_TOPIC_CONFIG"}, {"key", "T1"}, {"value", "a:4"}}))
                .code,
            0);
  EXPECT_EQ(
      ask(admin, Message(request(protocol::request_code::kUpdateNamesrvConfig, {}, "orderMessageEnable=true\n"))).code,
      0);
  const Reply black = ask(admin, request(protocol::request_code::kUpdateNamesrvConfig, {}, "kvConfigPath=/etc/x\n"));
  EXPECT_EQ(black.code, protocol::response_code::kNoPermission);
  EXPECT_EQ(black.remark, "Can not update config in black list.");

  auto& broker = peer("broker");
  EXPECT_EQ(ask(broker, registration("10.0.0.7:10911")).body, R"({"table":{"T1":"a:4"}})");
  EXPECT_THAT(ask(admin, route("T1")).body, HasSubstr(R"("orderTopicConf":"a:4")"));
  ask(admin, request(protocol::request_code::kPutKvConfig,
                     {{"namespace", "ORDER_TOPIC_CONFIG"}, {"key", "T1"}, {"value", "a:8"}}));
  EXPECT_THAT(ask(admin, route("T1")).body, HasSubstr(R"("orderTopicConf":"a:8")"));

  node_.power_loss();
  node_.restart();
  world_.run_for(20s);
  EXPECT_EQ(ask(peer("later"),
                request(protocol::request_code::kGetKvConfig, {{"namespace", "ORDER_TOPIC_CONFIG"}, {"key", "T1"}}))
                .fields["value"],
            "a:8");
  EXPECT_THAT(io::read_file(node_.files(), "/ns/namesrv.properties", 1 << 20).value_or(""),
              HasSubstr("orderMessageEnable=true\n"));
}

class WaitingNameServerTest : public NameServerTest {
  std::map<std::string, std::string> settings() const override {
    return {{"needWaitForService", "true"}, {"waitSecondsForService", "30"}};
  }
};

TEST_F(WaitingNameServerTest, AnswersNoRoutesAtFirst) {
  auto& broker = peer("broker");
  ask(broker, registration("10.0.0.7:10911"));
  const Reply early = ask(broker, route("T1"));
  EXPECT_EQ(early.code, protocol::response_code::kSystemError);
  EXPECT_EQ(early.remark, "name server not ready");
  world_.run_for(30s);
  EXPECT_EQ(ask(broker, route("T1")).code, 0);
}

class ActingMasterTest : public NameServerTest {
  std::map<std::string, std::string> settings() const override {
    return {{"supportActingMaster", "true"}, {"notifyMinBrokerIdChanged", "true"}};
  }
};

TEST_F(ActingMasterTest, TellsTheSlaveThatItsMasterIsGone) {
  auto& master = peer("master");
  auto& slave = peer("slave");
  std::vector<std::map<std::string, std::string>> heard;
  remoting::HandlerTable table;
  table.add({protocol::request_code::kNotifyMinBrokerIdChange, "NOTIFY_MIN_BROKER_ID_CHANGE", remoting::Lane::kReactor,
             remoting::AnswerLater([&](const remoting::Request& request) {
               EXPECT_TRUE(request.frame.is_one_way());
               auto& fields = heard.emplace_back();
               for (const auto& field : request.frame.fields) fields[std::string(field.name)] = field.value;
             })});
  const std::vector<io::Executor*> reactors = slave.reactors();
  remoting::Server listener(slave.network(), reactors, slave.tasks(), {});
  ASSERT_TRUE(listener.listen(slave.endpoint(10911), table).has_value());
  const std::string slave_address = slave.endpoint(10911).to_string();

  ask(master, registration("10.0.0.99:10911", "0"));
  EXPECT_EQ(ask(slave, registration(slave_address, "1")).fields["masterAddr"], "10.0.0.99:10911");
  peers_.erase("master");
  master.kill();
  world_.run_for(2s);
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0],
            (std::map<std::string, std::string>{
                {"minBrokerId", "1"}, {"minBrokerAddr", slave_address}, {"offlineBrokerAddr", "10.0.0.99:10911"}}));
  EXPECT_THAT(ask(slave, route("T1")).body, HasSubstr("{\"0\":\"" + slave_address + "\"}"));
  listener.shut_down();
  world_.run_for(1s);
}

TEST_F(NameServerTest, IdlesWithoutBrokers) {
  const auto turns = node_.reactor().turns();
  world_.run_for(3600s);
  EXPECT_EQ(node_.reactor().turns(), turns);
}

}  // namespace
}  // namespace ogive::namesrv
