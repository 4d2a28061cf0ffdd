#pragma once
// A master and its slave, two whole brokers in the simulated world, and a client that asks them. Test support.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "broker/broker.h"
#include "protocol/codes.h"
#include "remoting/client.h"
#include "testing/sim_node.h"
#include "testing/sim_world.h"

namespace ogive::broker {

struct Answer {
  std::int32_t code = -1;  ///< -1: none came.
  std::string remark;
  std::string body;
  std::map<std::string, std::string> fields;
};

/// One broker process on a node, restarted with it.
struct Member {
  struct Process {
    settings::Settings settings{settings::broker_scopes(), settings::Machine{}};
    std::unique_ptr<Broker> broker;
  };
  sim::SimNode* node = nullptr;
  std::weak_ptr<Process> process;                ///< Owned by the node's process.
  std::map<std::string, std::string> overrides;  ///< Settings from its next start on.
  Broker* broker() {
    const auto alive = process.lock();
    return alive ? alive->broker.get() : nullptr;
  }
};

class ReplicaPairTest : public ::testing::Test {
 protected:
  using Settings = std::map<std::string, std::string>;
  using Fields = std::initializer_list<std::pair<const char*, std::string>>;

  virtual Settings master_settings() const { return {{"brokerRole", "SYNC_MASTER"}}; }
  virtual Settings slave_settings() const { return {}; }

  void SetUp() override {
    client_node_.run([this](sim::SimNode& node) {
      client_ = std::make_shared<remoting::Client>(node.network(), node.reactor(), remoting::ClientOptions{});
      return client_;
    });
    Settings slave = slave_settings();
    slave.insert(
        {{"brokerRole", "SLAVE"}, {"brokerId", "1"}, {"haMasterAddress", master_.node->endpoint(10'912).to_string()}});
    run(master_, master_settings());
    run(slave_, slave);
    ASSERT_TRUE(world_.run_until([&] { return slave_.broker() != nullptr && slave_.broker()->following(); },
                                 Milliseconds(10'000)));
    world_.run_for(Milliseconds(1'000));
  }

  void run(Member& member, Settings wanted) {
    wanted.insert({{"brokerName", "broker-a"},
                   {"storePathRootDir", "/store"},
                   {"storePathCommitLog", "/store/commitlog"},
                   {"brokerIP1", member.node->endpoint().host()},
                   {"brokerIP2", member.node->endpoint().host()},
                   {"mappedFileSizeCommitLog", "4194304"},
                   {"mappedFileSizeConsumeQueue", "6000"},
                   {"haSendHeartbeatInterval", "500"},
                   {"haHousekeepingInterval", "2000"}});
    member.node->run([&member, wanted](sim::SimNode& node) {
      auto process = std::make_shared<Member::Process>();
      for (const auto& [key, value] : wanted) process->settings.assign(key, value);
      for (const auto& [key, value] : member.overrides) process->settings.assign(key, value);
      auto opened = Broker::open({node.network(), node.reactors(), node.tasks(), node.files(), node.clock(),
                                  node.flusher(), node.background(), node.background()},
                                 process->settings);
      EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().message());
      process->broker = std::move(*opened);
      EXPECT_TRUE(process->broker->start().has_value());
      member.process = process;
      return process;
    });
    world_.run_for(Milliseconds(10));
  }

  Answer ask(Member& to, std::int32_t code, Fields fields = {}, std::string body = {},
             Milliseconds limit = Milliseconds(10'000)) {
    auto answer = std::make_shared<std::optional<Answer>>();  // Shared with an answer that may come too late.
    remoting::Message message(code);
    for (const auto& [name, value] : fields) message.field(name, std::string_view(value));
    message.body = std::move(body);
    client_node_.reactor().post(
        [this, answer, remote = to.node->endpoint(10'911), message = std::move(message), limit] {
          client_->request(remote, message, limit, [answer](Result<const protocol::Frame*> frame) {
            Answer got;
            if (frame) {
              got.code = (*frame)->code;
              got.remark = (*frame)->remark;
              got.body = as_chars((*frame)->body);
              for (const auto& field : (*frame)->fields) got.fields[std::string(field.name)] = field.value;
            } else {
              got.remark = frame.error().message();
            }
            *answer = std::move(got);
          });
        });
    world_.run_until([&] { return answer->has_value(); }, limit + Milliseconds(1'000));
    return answer->value_or(Answer{});
  }

  Answer send(Member& to, const std::string& body, const std::string& properties = {}) {
    return ask(to, protocol::request_code::kSendMessage,
               {{"producerGroup", "P"},
                {"topic", "T"},
                {"defaultTopic", "TBW102"},
                {"defaultTopicQueueNums", "1"},
                {"queueId", "0"},
                {"sysFlag", "0"},
                {"bornTimestamp", "1700000000000"},
                {"flag", "0"},
                {"properties", properties}},
               body);
  }
  Answer pull(Member& from, std::int64_t offset, std::int64_t suspend_ms = 0) {
    return ask(from, protocol::request_code::kPullMessage,
               {{"consumerGroup", "G"},
                {"topic", "T"},
                {"queueId", "0"},
                {"queueOffset", std::to_string(offset)},
                {"maxMsgNums", "32"},
                {"sysFlag", suspend_ms > 0 ? "6" : "4"},
                {"commitOffset", "0"},
                {"suspendTimeoutMillis", std::to_string(suspend_ms)},
                {"subscription", "*"},
                {"subVersion", "0"},
                {"expressionType", "TAG"}});
  }
  void make_group(Member& at) {
    ASSERT_EQ(ask(at, protocol::request_code::kUpdateAndCreateSubscriptiongroup, {}, R"({"groupName":"G"})").code, 0);
  }
  Answer commit(Member& at, std::int64_t offset) {
    return ask(at, protocol::request_code::kUpdateConsumerOffset,
               {{"consumerGroup", "G"}, {"topic", "T"}, {"queueId", "0"}, {"commitOffset", std::to_string(offset)}});
  }
  std::string committed(Member& at) {
    auto answer = ask(at, protocol::request_code::kQueryConsumerOffset,
                      {{"consumerGroup", "G"}, {"topic", "T"}, {"queueId", "0"}});
    return answer.code == 0 ? answer.fields["offset"] : "code " + std::to_string(answer.code);
  }
  void restart(Member& member) {
    member.node->restart();
    world_.run_until([&] { return member.broker() != nullptr; }, Milliseconds(5'000));
  }
  bool wait_following(Milliseconds limit = Milliseconds(10'000)) {
    return world_.run_until([&] { return slave_.broker() != nullptr && slave_.broker()->following(); }, limit);
  }

  sim::SimWorld world_{20261124};
  sim::SimNode& client_node_ = world_.add_node("client");
  Member master_{&world_.add_node("master"), {}, {}};
  Member slave_{&world_.add_node("slave"), {}, {}};
  std::shared_ptr<remoting::Client> client_;  ///< Shared with its node, which drops it when the process dies.
};

}  // namespace ogive::broker
