#pragma once
// A name server and a broker that answer what a test tells them, on the addresses of the recorded outputs, and mqadmin
// run against them in the simulated world.

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "admin/run.h"
#include "protocol/codes.h"
#include "remoting/server.h"
#include "testing/sim_node.h"
#include "testing/sim_world.h"
#include "testing/source_dir.h"

namespace ogive::admin {

/// Lets the calling test run the world until the answer is there.
class SimWaiter final : public Waiter {
 public:
  explicit SimWaiter(sim::SimNode& node) : node_(node) {}
  void run(std::move_only_function<void(io::Task finished)> start) override {
    bool finished = false;
    node_.reactor().post([&] { start([&finished] { finished = true; }); });
    EXPECT_TRUE(node_.world().run_until([&] { return finished; }, Milliseconds(3'600'000)));
  }

 private:
  sim::SimNode& node_;
};

/// A recorded output (testing/golden/mqadmin).
inline std::string golden(const std::string& name) {
  std::ifstream file(source_dir() + "/testing/golden/mqadmin/" + name);
  EXPECT_TRUE(file.good()) << name;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

class FakeCluster : public ::testing::Test {
 protected:
  static constexpr std::uint16_t kNameServerPort = 29876;
  static constexpr std::uint16_t kBrokerPort = 20911;
  using Handler = std::function<remoting::Message(const remoting::Request&)>;

  void SetUp() override {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }

  /// From now on a request of this code is answered so.
  void on(std::int32_t code, Handler handler) { handlers_[code] = std::move(handler); }
  void on(std::int32_t code, std::string body) {
    on(code, [body](const remoting::Request&) {
      remoting::Message reply(protocol::response_code::kSuccess);
      reply.body = body;
      return reply;
    });
  }
  void on_refuse(std::int32_t code, std::int32_t why, std::string remark) {
    on(code, [=](const remoting::Request&) { return remoting::Message(why, remark); });
  }
  /// The route of any topic and the cluster, both with one master.
  void one_broker(int queues = 4) {
    const std::string broker =
        R"({"brokerAddrs":{0:"127.0.0.1:20911"},"brokerName":"broker-a","cluster":"DefaultCluster","enableActingMaster":false})";
    on(protocol::request_code::kGetRouteinfoByTopic,
       R"({"brokerDatas":[)" + broker + R"(],"filterServerTable":{},"queueDatas":[{"brokerName":"broker-a","perm":6,)" +
           R"("readQueueNums":)" + std::to_string(queues) + R"(,"topicSysFlag":0,"writeQueueNums":)" +
           std::to_string(queues) + "}]}");
    on(protocol::request_code::kGetBrokerClusterInfo,
       R"({"brokerAddrTable":{"broker-a":)" + broker + R"(},"clusterAddrTable":{"DefaultCluster":["broker-a"]}})");
  }

  struct Outcome {
    int status = -1;
    std::string out;
    std::string err;
  };
  Outcome run(const std::vector<std::string>& words, const std::string& name_servers = "127.0.0.1:29876") {
    start();
    std::ostringstream out, err;
    Outcome outcome;
    outcome.status = admin::run(words, {node_.files(), name_servers, out, err, [this](auto servers, const auto& use) {
                                          client::ClientOptions options;
                                          options.name_servers = std::move(servers);
                                          client::Client client(node_.network(), node_.reactor(), options);
                                          SimWaiter waiter(node_);
                                          Cluster cluster(client, waiter, node_.reactor());
                                          return use(cluster);
                                        }});
    outcome.out = out.str();
    outcome.err = err.str();
    return outcome;
  }
  /// Runs and expects success and the recorded text.
  void expect_golden(const std::string& file, const std::vector<std::string>& words) {
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    EXPECT_EQ(outcome.out, golden(file)) << file;
  }
  /// The requests seen so far, newest last: code and fields.
  std::vector<std::pair<std::int32_t, std::map<std::string, std::string>>> seen_;
  std::vector<std::string> seen_bodies_;

  sim::SimWorld& world() { return world_; }
  sim::SimNode& node() { return node_; }

 private:
  struct Process {
    std::vector<io::Executor*> reactors;
    remoting::HandlerTable table;
    std::unique_ptr<remoting::Server> server;
  };

  void start() {
    if (started_) return;
    started_ = true;
    node_.run([this](sim::SimNode& node) {
      auto process = std::make_shared<Process>();
      process->reactors = node.reactors();
      for (const auto& [code, handler] : handlers_) {
        process->table.add({code, protocol::request_code_name(code), remoting::Lane::kReactor,
                            remoting::Answer([this](const remoting::Request& request) { return answer(request); })});
      }
      process->server = std::make_unique<remoting::Server>(node.network(), process->reactors, node.tasks(),
                                                           remoting::ServerOptions{});
      for (const std::uint16_t port : {kNameServerPort, kBrokerPort}) {
        EXPECT_TRUE(process->server->listen(*io::Endpoint::parse("127.0.0.1:" + std::to_string(port)), process->table));
      }
      return process;
    });
    world_.run_for(Milliseconds(5));
  }
  remoting::Message answer(const remoting::Request& request) {
    auto& fields = seen_.emplace_back(request.frame.code, std::map<std::string, std::string>{}).second;
    for (const auto& field : request.frame.fields) fields[std::string(field.name)] = field.value;
    seen_bodies_.emplace_back(as_chars(request.frame.body));
    return handlers_.at(request.frame.code)(request);
  }

  sim::SimWorld world_{11, 1'795'470'850'000};
  sim::SimNode& node_ = world_.add_node("here");
  std::map<std::int32_t, Handler> handlers_;
  bool started_ = false;
};

}  // namespace ogive::admin
