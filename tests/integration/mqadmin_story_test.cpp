// An operator's day with mqadmin, against a whole name server and broker in the simulated world.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "admin/fake_cluster_for_test.h"
#include "base/settings/start_rules.h"
#include "broker/broker.h"
#include "namesrv/name_server.h"

namespace ogive::admin {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// The name server's process.
struct NameServerProcess {
  settings::Settings settings{settings::namesrv_scopes(), settings::Machine{}};
  std::vector<io::Executor*> reactors;
  std::unique_ptr<namesrv::NameServer> server;
};

/// The broker's process.
struct BrokerProcess {
  settings::Settings settings{settings::broker_scopes(), settings::Machine{}};
  std::unique_ptr<broker::Broker> broker;
};

class MqadminStory : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    names_.run([](sim::SimNode& node) {
      auto process = std::make_shared<NameServerProcess>();
      process->settings.assign("kvConfigPath", "/ns/kvConfig.json");
      process->settings.assign("configStorePath", "/ns/namesrv.properties");
      process->reactors = node.reactors();
      process->server = std::make_unique<namesrv::NameServer>(
          namesrv::Environment{node.network(), process->reactors, node.tasks(), node.files()}, process->settings);
      EXPECT_TRUE(process->server->start().has_value());
      return process;
    });
    world_.run_for(Milliseconds(10));
    broker_.run([this](sim::SimNode& node) {
      auto process = std::make_shared<BrokerProcess>();
      const std::map<std::string, std::string> wanted = {{"brokerName", "broker-a"},
                                                         {"namesrvAddr", names_.endpoint(9876).to_string()},
                                                         {"storePathRootDir", "/store"},
                                                         {"storePathCommitLog", "/store/commitlog"},
                                                         {"brokerIP1", node.endpoint().host()},
                                                         {"brokerIP2", node.endpoint().host()},
                                                         {"mappedFileSizeCommitLog", "4194304"},
                                                         {"mappedFileSizeConsumeQueue", "6000"}};
      for (const auto& [key, value] : wanted) process->settings.assign(key, value);
      auto opened = broker::Broker::open({node.network(), node.reactors(), node.tasks(), node.files(), node.clock(),
                                          node.flusher(), node.background(), node.background()},
                                         process->settings);
      EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().message());
      process->broker = std::move(*opened);
      EXPECT_TRUE(process->broker->start().has_value());
      return process;
    });
    world_.run_for(Milliseconds(500));
  }

  struct Outcome {
    int status = -1;
    std::string out;
    std::string err;
  };
  /// Runs a command and lets what it changed become known everywhere.
  Outcome run(const std::vector<std::string>& words) {
    std::ostringstream out, err;
    Outcome outcome;
    outcome.status = admin::run(
        words, {here_.files(), names_.endpoint(9876).to_string(), out, err, [this](auto servers, const auto& use) {
                  client::ClientOptions options;
                  options.name_servers = std::move(servers);
                  client::Client client(here_.network(), here_.reactor(), options);
                  SimWaiter waiter(here_);
                  Cluster cluster(client, waiter, here_.reactor());
                  return use(cluster);
                }});
    outcome.out = out.str();
    outcome.err = err.str();
    world_.run_for(Milliseconds(500));
    return outcome;
  }
  /// What it printed, with the recorded outputs' address of the broker.
  std::string must(const std::vector<std::string>& words) {
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.status, 0) << words[0] << ": " << outcome.err;
    EXPECT_EQ(outcome.err, "") << words[0];
    return std::regex_replace(outcome.out, std::regex(address()), "127.0.0.1:20911");
  }
  std::string address() const { return broker_.endpoint(10911).to_string(); }

  sim::SimWorld world_{3};
  sim::SimNode& names_ = world_.add_node("names");
  /// Its address is as long as that of the recorded outputs.
  sim::SimNode& broker_ = world_.add_node("broker", {.address = "10.0.10.2"});
  sim::SimNode& here_ = world_.add_node("here");
};

TEST_F(MqadminStory, TopicsLiveAndDie) {
  EXPECT_EQ(must({"updateTopic", "-b", address(), "-t", "AdmTopic", "-r", "4", "-w", "4"}),
            golden("updateTopic_b.out"));
  must({"updateTopic", "-b", address(), "-t", "TopicA", "-r", "4", "-w", "4"});
  EXPECT_EQ(must({"topicRoute", "-t", "TopicA"}), golden("topicRoute.out"));
  EXPECT_EQ(must({"topicRoute", "-t", "TopicA", "-l"}), golden("topicRoute_l.out"));
  EXPECT_EQ(must({"topicClusterList", "-t", "TopicA"}), golden("topicClusterList.out"));
  EXPECT_THAT(must({"topicList"}), HasSubstr("AdmTopic\n"));
  EXPECT_THAT(must({"clusterList"}),
              HasSubstr("DefaultCluster          broker-a                0     127.0.0.1:20911        V5_5_0"));
  EXPECT_EQ(must({"updateTopic", "-c", "DefaultCluster", "-t", "AdmTopic", "-r", "8", "-w", "6", "-p", "6"}),
            golden("updateTopic_c.out"));
  EXPECT_EQ(must({"updateTopicPerm", "-c", "DefaultCluster", "-t", "AdmTopic", "-p", "4"}),
            golden("updateTopicPerm.out"));
  EXPECT_EQ(must({"deleteTopic", "-c", "DefaultCluster", "-t", "AdmTopic"}), golden("deleteTopic.out"));
  const Outcome gone = run({"topicRoute", "-t", "AdmTopic"});
  EXPECT_EQ(gone.status, 1);
  EXPECT_THAT(gone.err, HasSubstr("CODE: 17  DESC: No topic route info in name server for the topic: AdmTopic"));
  const Outcome bad = run({"updateTopic", "-c", "DefaultCluster", "-t", "Bad@Topic"});
  EXPECT_THAT(bad.err, HasSubstr("CODE: 29  DESC: The specified topic: Bad@Topic, contains illegal characters"));
}

TEST_F(MqadminStory, MessagesComeBack) {
  must({"updateTopic", "-b", address(), "-t", "T", "-r", "2", "-w", "2"});
  const std::string sent =
      must({"sendMessage", "-t", "T", "-p", "hello", "-k", "key", "-c", "red", "-b", "broker-a", "-i", "1"});
  const std::string id = sent.substr(sent.rfind(' ') + 1, 32);
  EXPECT_THAT(must({"consumeMessage", "-t", "T"}),
              HasSubstr("MSGID: " + id + " MessageExt [brokerName=broker-a, queueId=1"));
  EXPECT_THAT(must({"printMsg", "-t", "T", "-s", "red"}), HasSubstr("BODY: hello\n"));
  EXPECT_THAT(must({"printMsg", "-t", "T", "-s", "blue"}), Not(HasSubstr("MSGID")));
  EXPECT_THAT(must({"topicStatus", "-t", "T"}),
              HasSubstr("broker-a                          1     0                     1  "));
  const std::string details =
      must({"queryMsgByOffset", "-t", "T", "-b", "broker-a", "-i", "1", "-o", "0", "-f", "UTF-8"});
  EXPECT_THAT(details, HasSubstr("Keys:                [key]\n"));
  EXPECT_THAT(details, HasSubstr("Message Body:        hello\n"));
  const std::string offset_id = details.substr(details.find(' ') + 12, 32);
  EXPECT_THAT(must({"queryMsgById", "-t", "T", "-i", offset_id}), HasSubstr("OffsetID:            " + offset_id));
}

TEST_F(MqadminStory, GroupsMove) {
  must({"updateTopic", "-b", address(), "-t", "T", "-r", "1", "-w", "1"});
  EXPECT_EQ(must({"updateSubGroup", "-b", address(), "-g", "AdmGroup2", "-r", "5"}), golden("updateSubGroup_b.out"));
  EXPECT_THAT(must({"getConsumerConfig", "-g", "AdmGroup2"}),
              HasSubstr("retryMaxTimes                           =  5\n"));
  for (int i = 0; i < 3; ++i) must({"sendMessage", "-t", "T", "-p", "m"});
  EXPECT_THAT(must({"resetOffsetByTime", "-g", "AdmGroup2", "-t", "T", "-s", "-1"}),
              HasSubstr("\nbroker-a                                  0                                         3  "));
  EXPECT_THAT(must({"consumerProgress", "-g", "AdmGroup2", "-t", "T"}), HasSubstr("Consume Diff Total: 0\n"));
  must({"resetOffsetByTime", "-g", "AdmGroup2", "-t", "T", "-s", "0"});
  EXPECT_THAT(must({"consumerProgress", "-g", "AdmGroup2", "-t", "T"}), HasSubstr("Consume Diff Total: 3\n"));
  EXPECT_EQ(must({"deleteSubGroup", "-c", "DefaultCluster", "-g", "AdmGroup2"}), golden("deleteSubGroup.out"));
}

TEST_F(MqadminStory, SettingsChange) {
  EXPECT_EQ(must({"updateBrokerConfig", "-b", address(), "-k", "fileReservedTime", "-v", "721"}),
            golden("updateBrokerConfig.out"));
  EXPECT_THAT(must({"getBrokerConfig", "-b", address()}),
              HasSubstr("fileReservedTime                                  =  721\n"));
  EXPECT_EQ(must({"updateNamesrvConfig", "-k", "clusterTest", "-v", "false"}), golden("updateNamesrvConfig.out"));
  EXPECT_THAT(must({"getNamesrvConfig"}), HasSubstr("clusterTest                                       =  false\n"));
  EXPECT_EQ(must({"updateKvConfig", "-s", "NS1", "-k", "k1", "-v", "v1"}), golden("updateKvConfig.out"));
  EXPECT_EQ(must({"deleteKvConfig", "-s", "NS1", "-k", "k1"}), golden("deleteKvConfig.out"));
  must({"updateTopic", "-b", address(), "-t", "TopicA", "-r", "4", "-w", "4"});
  EXPECT_THAT(must({"wipeWritePerm", "-b", "broker-a"}),
              HasSubstr("wipe write perm of broker[broker-a] in name server["));
  const Outcome refused = run({"sendMessage", "-t", "TopicA", "-p", "x"});
  EXPECT_THAT(refused.err, HasSubstr("topic 'TopicA' has no writable queue"));
  EXPECT_THAT(must({"addWritePerm", "-b", "broker-a"}), HasSubstr("] OK, "));
  must({"sendMessage", "-t", "TopicA", "-p", "x"});
}

}  // namespace
}  // namespace ogive::admin
