#pragma once
// A whole broker in the simulated world, with clients that ask it: for tests of its handlers.

#include <gtest/gtest.h>

#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/settings/settings.h"
#include "broker/whole_broker_for_test.h"
#include "protocol/codes.h"
#include "remoting/client.h"
#include "testing/sim_node.h"
#include "testing/sim_world.h"

namespace ogive::broker {

/// One client process: a connection to the broker and a table for what the broker asks back.
struct TestClient {
  explicit TestClient(sim::SimNode& node) : client(node.network(), node.reactor(), {}, &table) {}
  remoting::HandlerTable table;
  remoting::Client client;
};

class BrokerFixture : public ::testing::Test {
 protected:
  static constexpr std::uint16_t kPort = 10'911;
  using Fields = RequestFields;

  void SetUp() override { start(settings()); }
  /// Beside those that keep the store small.
  virtual std::map<std::string, std::string> settings() const { return {}; }
  virtual settings::Machine machine() const { return {}; }

  void start(std::map<std::string, std::string> wanted);

  /// A node with a client on it; the same name is the same client.
  TestClient& client(const std::string& name = "client");

  Reply ask(const std::string& name, remoting::Message message);
  Reply ask(remoting::Message message) { return ask("client", std::move(message)); }
  Reply ask(std::int32_t code, Fields fields = {}, std::string body = {}) {
    return ask(request(code, fields, std::move(body)));
  }

  /// Sends a whole frame as it is; an answer of code -1 and remark "closed" when the broker cut the connection.
  Reply ask_raw(const std::string& frame);

  static remoting::Message request(std::int32_t code, Fields fields, std::string body = {}) {
    return test_request(code, fields, std::move(body));
  }

  // What most tests begin with.

  Reply make_topic(const std::string& topic, int queues, const std::string& order = "false");
  Reply send(const std::string& topic, int queue, const std::string& body, const std::string& properties = {});
  Reply make_group(const std::string& group);
  /// A consumer of `group` on `topic` comes online on the connection of `name`.
  Reply consume(const std::string& name, const std::string& group, const std::string& topic,
                const std::string& expression = "*");
  Reply commit(const std::string& group, const std::string& topic, int queue, std::int64_t offset);
  Reply committed(const std::string& group, const std::string& topic, int queue);

  struct ClientNode {
    sim::SimNode* node = nullptr;
    std::shared_ptr<TestClient> client;  ///< Shared with its node, which drops it when the process dies.
  };
  sim::SimWorld world_{20261124};
  std::map<std::string, ClientNode> clients_;
  sim::SimNode& node_ = world_.add_node("broker");
  Broker* broker_ = nullptr;
  settings::Settings* settings_ = nullptr;
};

}  // namespace ogive::broker
