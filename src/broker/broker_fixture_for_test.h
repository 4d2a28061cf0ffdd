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

#include "base/settings/start_rules.h"
#include "broker/broker.h"
#include "protocol/codes.h"
#include "protocol/json.h"
#include "remoting/client.h"
#include "testing/sim_node.h"
#include "testing/sim_world.h"

namespace ogive::broker {

/// An answer, copied out of its frame.
struct Reply {
  std::int32_t code = -1;  ///< -1: there was none, see remark.
  std::string remark;
  std::string body;
  std::map<std::string, std::string> fields;

  std::string field(const std::string& name) const {
    const auto found = fields.find(name);
    return found == fields.end() ? "(absent)" : found->second;
  }
  template <class Body>
  Body as() const {
    auto read = protocol::from_json<Body>(as_bytes(body));
    EXPECT_TRUE(read.has_value()) << body << (read ? "" : read.error().message());
    return read ? std::move(*read) : Body{};
  }
};

/// One client process: a connection to the broker and a table for what the broker asks back.
struct TestClient {
  explicit TestClient(sim::SimNode& node) : client(node.network(), node.reactor(), {}, &table) {}
  remoting::HandlerTable table;
  remoting::Client client;
};

/// A connection that sends bytes as they are and keeps the first answer; requests of the broker are passed over.
class RawPeer final : private io::StreamHandler {
 public:
  RawPeer(sim::SimNode& node, const io::Endpoint& to, std::string bytes) : bytes_(std::move(bytes)) {
    node.network().connect(node.reactor(), to, Milliseconds(1'000), [this](Result<std::unique_ptr<io::Stream>> made) {
      if (!made) return void(closed_ = true);
      stream_ = std::move(*made);
      stream_->start(*this);
      io::OutBuffer out;
      out.append(as_bytes(bytes_));
      stream_->write(out);
    });
  }
  bool done() const { return closed_ || !answer_.empty(); }
  bool closed() const { return closed_; }
  const std::string& answer() const { return answer_; }

 private:
  Consumed on_data(ByteView data) override {
    std::size_t used = 0;
    while (true) {
      const auto size = protocol::frame_size(data.subspan(used));
      EXPECT_TRUE(size.has_value());
      if (!size || *size == 0 || data.size() - used < *size) return {used, size && *size != 0 ? *size : 4};
      const ByteView bytes = data.subspan(used, *size);
      protocol::Frame frame;
      EXPECT_TRUE(frame.decode(bytes).has_value());
      if (answer_.empty() && frame.is_response()) answer_ = as_chars(bytes);
      used += *size;
    }
  }
  void on_drained() override {}
  void on_closed(const Error&) override { closed_ = true; }

  std::string bytes_;
  std::unique_ptr<io::Stream> stream_;
  std::string answer_;
  bool closed_ = false;
};

class BrokerFixture : public ::testing::Test {
 protected:
  static constexpr std::uint16_t kPort = 10'911;
  using Fields = std::initializer_list<std::pair<const char*, std::string>>;

  void SetUp() override { start(settings()); }
  /// Beside those that keep the store small.
  virtual std::map<std::string, std::string> settings() const { return {}; }
  virtual settings::Machine machine() const { return {}; }

  void start(std::map<std::string, std::string> wanted) {
    const std::map<std::string, std::string> small = {{"brokerName", "broker-a"},
                                                      {"storePathRootDir", "/store"},
                                                      {"storePathCommitLog", "/store/commitlog"},
                                                      {"brokerIP1", node_.endpoint().host()},
                                                      {"mappedFileSizeCommitLog", "4194304"},
                                                      {"mappedFileSizeConsumeQueue", "6000"},
                                                      {"brokerIP2", node_.endpoint().host()}};
    wanted.insert(small.begin(), small.end());
    node_.run([this, wanted](sim::SimNode& node) {
      struct Process {
        explicit Process(const settings::Machine& machine) : settings(settings::broker_scopes(), machine) {}
        settings::Settings settings;
        std::unique_ptr<Broker> broker;
      };
      auto process = std::make_shared<Process>(machine());
      for (const auto& [key, value] : wanted) process->settings.assign(key, value);
      auto opened = Broker::open({node.network(), node.reactors(), node.tasks(), node.files(), node.clock(),
                                  node.flusher(), node.background(), node.background()},
                                 process->settings);
      EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().message());
      process->broker = std::move(*opened);
      EXPECT_TRUE(process->broker->start().has_value());
      broker_ = process->broker.get();
      settings_ = &process->settings;
      return process;
    });
    world_.run_for(Milliseconds(10));
  }

  /// A node with a client on it; the same name is the same client.
  TestClient& client(const std::string& name = "client") {
    auto& made = clients_[name];
    if (made.client) return *made.client;
    made.node = &world_.add_node(name);
    made.node->run([&made](sim::SimNode& self) {
      made.client = std::make_shared<TestClient>(self);
      return made.client;
    });
    world_.run_for(Milliseconds(1));
    return *made.client;
  }

  Reply ask(const std::string& name, remoting::Message message) {
    TestClient& asking = client(name);
    auto reply = std::make_shared<std::optional<Reply>>();  // Shared with an answer that may come after its deadline.
    clients_[name].node->reactor().post([this, &asking, reply, message = std::move(message)]() mutable {
      asking.client.request(node_.endpoint(kPort), std::move(message), Milliseconds(20'000),
                            [reply](Result<const protocol::Frame*> frame) { *reply = copy(frame); });
    });
    world_.run_until([&] { return reply->has_value(); }, Milliseconds(30'000));
    return reply->value_or(Reply{});
  }
  Reply ask(remoting::Message message) { return ask("client", std::move(message)); }
  Reply ask(std::int32_t code, Fields fields = {}, std::string body = {}) {
    return ask(request(code, fields, std::move(body)));
  }

  /// Sends a whole frame as it is; an answer of code -1 and remark "closed" when the broker cut the connection.
  Reply ask_raw(const std::string& frame) {
    client("raw");
    sim::SimNode& node = *clients_["raw"].node;
    auto peer = std::make_shared<std::unique_ptr<RawPeer>>();
    node.reactor().post(
        [this, &node, peer, frame] { *peer = std::make_unique<RawPeer>(node, node_.endpoint(kPort), frame); });
    world_.run_until([&] { return *peer && (*peer)->done(); }, Milliseconds(30'000));
    const std::string bytes = *peer ? (*peer)->answer() : std::string();
    const bool closed = *peer && (*peer)->closed();
    node.reactor().run_here([&] { peer->reset(); });
    Reply none;
    none.remark = closed ? "closed" : "no answer";
    if (bytes.empty()) return none;
    protocol::Frame answer;
    const Status decoded = answer.decode(as_bytes(bytes));
    EXPECT_TRUE(decoded.has_value());
    return copy(&answer);
  }

  static remoting::Message request(std::int32_t code, Fields fields, std::string body = {}) {
    remoting::Message message(code);
    for (const auto& [name, value] : fields) message.field(name, std::string_view(value));
    message.body = std::move(body);
    return message;
  }

  static Reply copy(const Result<const protocol::Frame*>& frame) {
    Reply reply;
    if (!frame) {
      reply.remark = frame.error().message();
      return reply;
    }
    reply.code = (*frame)->code;
    reply.remark = (*frame)->remark;
    reply.body = as_chars((*frame)->body);
    for (const auto& field : (*frame)->fields) reply.fields[std::string(field.name)] = field.value;
    return reply;
  }

  // What most tests begin with.

  Reply make_topic(const std::string& topic, int queues, const std::string& order = "false") {
    return ask(protocol::request_code::kUpdateAndCreateTopic, {{"topic", topic},
                                                               {"defaultTopic", "TBW102"},
                                                               {"readQueueNums", std::to_string(queues)},
                                                               {"writeQueueNums", std::to_string(queues)},
                                                               {"perm", "6"},
                                                               {"topicFilterType", "SINGLE_TAG"},
                                                               {"topicSysFlag", "0"},
                                                               {"order", order}});
  }
  Reply send(const std::string& topic, int queue, const std::string& body, const std::string& properties = {}) {
    return ask(protocol::request_code::kSendMessage,
               {{"producerGroup", "P"},
                {"topic", topic},
                {"defaultTopic", "TBW102"},
                {"defaultTopicQueueNums", "4"},
                {"queueId", std::to_string(queue)},
                {"sysFlag", "0"},
                {"bornTimestamp", "1700000000000"},
                {"flag", "0"},
                {"properties", properties}},
               body);
  }
  Reply make_group(const std::string& group) {
    return ask(protocol::request_code::kUpdateAndCreateSubscriptiongroup, {}, R"({"groupName":")" + group + R"("})");
  }
  /// A consumer of `group` on `topic` comes online on the connection of `name`.
  Reply consume(const std::string& name, const std::string& group, const std::string& topic,
                const std::string& expression = "*") {
    return ask(name, request(protocol::request_code::kHeartBeat, {},
                             R"({"clientID":")" + name +
                                 R"(","consumerDataSet":[{"consumeFromWhere":"CONSUME_FROM_LAST_OFFSET",)"
                                 R"("consumeType":"CONSUME_PASSIVELY","groupName":")" +
                                 group + R"(","messageModel":"CLUSTERING","subscriptionDataSet":[{"topic":")" + topic +
                                 R"(","subString":")" + expression +
                                 R"(","expressionType":"TAG","subVersion":1,"classFilterMode":false}],)"
                                 R"("unitMode":false}],"producerDataSet":[]})"));
  }
  Reply commit(const std::string& group, const std::string& topic, int queue, std::int64_t offset) {
    return ask(protocol::request_code::kUpdateConsumerOffset, {{"consumerGroup", group},
                                                               {"topic", topic},
                                                               {"queueId", std::to_string(queue)},
                                                               {"commitOffset", std::to_string(offset)}});
  }
  Reply committed(const std::string& group, const std::string& topic, int queue) {
    return ask(protocol::request_code::kQueryConsumerOffset,
               {{"consumerGroup", group}, {"topic", topic}, {"queueId", std::to_string(queue)}});
  }

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
