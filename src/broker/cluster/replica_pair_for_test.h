#pragma once
// A master and its slave, two whole brokers in the simulated world, and a client that asks them. Test support.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "broker/broker.h"
#include "broker/whole_broker_for_test.h"
#include "protocol/codes.h"
#include "remoting/client.h"
#include "testing/sim_node.h"
#include "testing/sim_world.h"

namespace ogive::broker {

/// One broker process on a node, restarted with it.
struct Member {
  sim::SimNode* node = nullptr;
  std::weak_ptr<TestBroker> process;             ///< Owned by the node's process.
  std::map<std::string, std::string> overrides;  ///< Settings from its next start on.
  Broker* broker() {
    const auto alive = process.lock();
    return alive ? alive->broker.get() : nullptr;
  }
};

class ReplicaPairTest : public ::testing::Test {
 protected:
  using Settings = std::map<std::string, std::string>;
  using Fields = RequestFields;

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
    wanted.insert({{"haSendHeartbeatInterval", "500"}, {"haHousekeepingInterval", "2000"}});
    member.node->run([&member, wanted](sim::SimNode& node) {
      Settings all = member.overrides;
      all.insert(wanted.begin(), wanted.end());
      auto process = start_broker(node, all);
      EXPECT_TRUE(process->broker) << process->refusal;
      member.process = process;
      return process;
    });
    world_.run_for(Milliseconds(10));
  }

  Reply ask(Member& to, remoting::Message message, Milliseconds limit = Milliseconds(10'000)) {
    auto answer = std::make_shared<std::optional<Reply>>();  // Shared with an answer that may come too late.
    client_node_.reactor().post(
        [this, answer, remote = to.node->endpoint(10'911), message = std::move(message), limit] {
          client_->request(remote, message, limit,
                           [answer](Result<const protocol::Frame*> frame) { *answer = copy_reply(frame); });
        });
    world_.run_until([&] { return answer->has_value(); }, limit + Milliseconds(1'000));
    return answer->value_or(Reply{});
  }
  Reply ask(Member& to, std::int32_t code, Fields fields = {}, std::string body = {}) {
    return ask(to, test_request(code, fields, std::move(body)));
  }

  Reply send(Member& to, const std::string& body, const std::string& properties = {}) {
    return ask(to, send_request("T", 0, body, properties, 1));
  }
  Reply pull(Member& from, std::int64_t offset, std::int64_t suspend_ms = 0) {
    return ask(from, pull_request("T", 0, offset, suspend_ms));
  }
  void make_group(Member& at) { ASSERT_EQ(ask(at, group_request("G")).code, 0); }
  Reply commit(Member& at, std::int64_t offset) { return ask(at, commit_request("G", "T", 0, offset)); }
  std::string committed(Member& at) {
    const Reply answer = ask(at, committed_request("G", "T", 0));
    return answer.code == 0 ? answer.field("offset") : "code " + std::to_string(answer.code);
  }
  static void stop(Member& member) { stop_in_order(*member.node, *member.broker()); }
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
