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
                          [reply](Result<const protocol::Frame*> frame) { *reply = copy(frame); });
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
  return copy(&answer);
}

remoting::Message BrokerFixture::request(std::int32_t code, Fields fields, std::string body) {
  remoting::Message message(code);
  for (const auto& [name, value] : fields) message.field(name, std::string_view(value));
  message.body = std::move(body);
  return message;
}

Reply BrokerFixture::copy(const Result<const protocol::Frame*>& frame) {
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

Reply BrokerFixture::make_topic(const std::string& topic, int queues, const std::string& order) {
  return ask(protocol::request_code::kUpdateAndCreateTopic, {{"topic", topic},
                                                             {"defaultTopic", "TBW102"},
                                                             {"readQueueNums", std::to_string(queues)},
                                                             {"writeQueueNums", std::to_string(queues)},
                                                             {"perm", "6"},
                                                             {"topicFilterType", "SINGLE_TAG"},
                                                             {"topicSysFlag", "0"},
                                                             {"order", order}});
}

Reply BrokerFixture::send(const std::string& topic, int queue, const std::string& body, const std::string& properties) {
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

Reply BrokerFixture::make_group(const std::string& group) {
  return ask(protocol::request_code::kUpdateAndCreateSubscriptiongroup, {}, R"({"groupName":")" + group + R"("})");
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
  return ask(protocol::request_code::kUpdateConsumerOffset, {{"consumerGroup", group},
                                                             {"topic", topic},
                                                             {"queueId", std::to_string(queue)},
                                                             {"commitOffset", std::to_string(offset)}});
}

Reply BrokerFixture::committed(const std::string& group, const std::string& topic, int queue) {
  return ask(protocol::request_code::kQueryConsumerOffset,
             {{"consumerGroup", group}, {"topic", topic}, {"queueId", std::to_string(queue)}});
}

}  // namespace ogive::broker
