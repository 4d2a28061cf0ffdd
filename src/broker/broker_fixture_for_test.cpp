#include "broker/broker_fixture_for_test.h"

#include "base/settings/start_rules.h"
#include "broker/broker.h"

namespace ogive::broker {
namespace {

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

}  // namespace

void BrokerFixture::start(std::map<std::string, std::string> wanted) {
  node_.run([this, wanted](sim::SimNode& node) {
    auto process = start_broker(node, wanted, machine());
    EXPECT_TRUE(process->broker) << process->refusal;
    broker_ = process->broker.get();
    settings_ = &process->settings;
    return process;
  });
  world_.run_for(Milliseconds(10));
}

TestClient& BrokerFixture::client(const std::string& name) {
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

Reply BrokerFixture::ask(const std::string& name, remoting::Message message) {
  TestClient& asking = client(name);
  auto reply = std::make_shared<std::optional<Reply>>();  // Shared with an answer that may come after its deadline.
  clients_[name].node->reactor().post([this, &asking, reply, message = std::move(message)]() mutable {
    asking.client.request(node_.endpoint(kPort), std::move(message), Milliseconds(20'000),
                          [reply](Result<const protocol::Frame*> frame) { *reply = copy_reply(frame); });
  });
  world_.run_until([&] { return reply->has_value(); }, Milliseconds(30'000));
  return reply->value_or(Reply{});
}

Reply BrokerFixture::ask_raw(const std::string& frame) {
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
  return copy_reply(&answer);
}

Reply BrokerFixture::make_topic(const std::string& topic, int queues, const std::string& order) {
  return ask(topic_request(topic, {.queues = queues, .order = order, .attributes = {}}));
}

Reply BrokerFixture::send(const std::string& topic, int queue, const std::string& body, const std::string& properties) {
  return ask(send_request(topic, queue, body, properties));
}

Reply BrokerFixture::make_group(const std::string& group) {
  return ask(group_request(group));
}

Reply BrokerFixture::consume(const std::string& name, const std::string& group, const std::string& topic,
                             const std::string& expression) {
  return ask(name, request(protocol::request_code::kHeartBeat, {},
                           R"({"clientID":")" + name +
                               R"(","consumerDataSet":[{"consumeFromWhere":"CONSUME_FROM_LAST_OFFSET",)"
                               R"("consumeType":"CONSUME_PASSIVELY","groupName":")" +
                               group + R"(","messageModel":"CLUSTERING","subscriptionDataSet":[{"topic":")" + topic +
                               R"(","subString":")" + expression +
                               R"(","expressionType":"TAG","subVersion":1,"classFilterMode":false}],)"
                               R"("unitMode":false}],"producerDataSet":[]})"));
}

Reply BrokerFixture::commit(const std::string& group, const std::string& topic, int queue, std::int64_t offset) {
  return ask(commit_request(group, topic, queue, offset));
}

Reply BrokerFixture::committed(const std::string& group, const std::string& topic, int queue) {
  return ask(committed_request(group, topic, queue));
}

}  // namespace ogive::broker
