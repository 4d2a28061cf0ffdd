// What hostile and broken peers send to a whole broker: a clear answer or a closed connection, and nobody else notices.

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/bodies/heartbeat.h"
#include "protocol/codes.h"
#include "protocol/frame.h"
#include "protocol/headers/offset.h"
#include "protocol/headers/pull.h"
#include "protocol/headers/send.h"
#include "protocol/headers/topic.h"
#include "testing/cluster/cluster.h"
#include "testing/cluster/sim_client.h"

namespace ogive::sim {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
namespace code = protocol::response_code;
namespace request = protocol::request_code;

/// A peer that speaks bytes.
struct RawPeer : io::StreamHandler {
  RawPeer(SimNode& node, const io::Endpoint& to) {
    node.network().connect(node.reactor(), to, 1000ms, [this](Result<std::unique_ptr<io::Stream>> opened) {
      if (!opened) return;
      stream = std::move(*opened);
      stream->start(*this);
    });
  }
  void write(std::string_view bytes) {
    io::OutBuffer out;
    out.append(bytes);
    stream->write(out);
  }
  Consumed on_data(ByteView data) override {
    received += as_chars(data);
    return {data.size(), 0};
  }
  void on_drained() override {}
  void on_closed(const Error&) override {
    closed = true;
    stream.reset();
  }
  std::unique_ptr<io::Stream> stream;
  std::string received;
  bool closed = false;
};

std::string be32(std::uint32_t value) {
  std::string bytes(4, '\0');
  store_be(bytes.data(), value);
  return bytes;
}

/// A frame of that serialization byte around a header, correct unless `header_bytes` says otherwise.
std::string frame(std::uint8_t serialization, const std::string& header, std::optional<std::uint32_t> header_bytes = {},
                  const std::string& body = {}) {
  const std::uint32_t marked = (std::uint32_t{serialization} << 24) | header_bytes.value_or(header.size());
  return be32(static_cast<std::uint32_t>(4 + header.size() + body.size())) + be32(marked) + header + body;
}

class BadInputTest : public ::testing::Test {
 protected:
  BadInputTest() {
    ClusterOptions options;
    options.broker_settings["mappedFileSizeCommitLog"] = "16777216";
    cluster_ = std::make_unique<Cluster>(world_, options);
    world_.add_node("client").run([this](SimNode& node) {
      auto client = std::make_shared<SimClient>(node, cluster_->name_server_endpoints());
      client_ = client.get();
      return client;
    });
    bad_node_ = &world_.add_node("bad");
    world_.run_for(2s);
    serve();
  }
  ~BadInputTest() override {
    for (auto& peer : peers_) {
      if (peer->stream) bad_node_->reactor().run_here([&] { peer->stream.reset(); });
    }
  }

  io::Endpoint broker() { return cluster_->broker_node(0).endpoint(kBrokerPort); }
  std::size_t connections() { return cluster_->broker(0)->broker().connection_count(); }

  RawPeer& connect(std::uint16_t port = kBrokerPort) {
    bad_node_->reactor().run_here(
        [&] { peers_.push_back(std::make_unique<RawPeer>(*bad_node_, cluster_->broker_node(0).endpoint(port))); });
    RawPeer& peer = *peers_.back();
    EXPECT_TRUE(world_.run_until([&] { return peer.stream != nullptr; }, 2s));
    return peer;
  }
  void write(RawPeer& peer, std::string_view bytes) {
    bad_node_->reactor().run_here([&] {
      if (peer.stream) peer.write(bytes);
    });
  }

  Result<Reply> ask(remoting::Message message) {
    std::optional<Result<Reply>> reply;
    world_.node("client").reactor().post([&, message = std::move(message)]() mutable {
      client_->call(broker(), std::move(message), Milliseconds(10'000), [&](const Result<Reply>& got) { reply = got; });
    });
    world_.run_until([&] { return reply.has_value(); }, 20s);
    return reply ? *reply : Result<Reply>(fail(Errc::kTimeout, "nothing, not even a time-out"));
  }
  std::int32_t code_of(remoting::Message message) {
    const auto reply = ask(std::move(message));
    EXPECT_TRUE(reply) << reply.error().message();
    return reply ? reply->code : -1;
  }
  static protocol::SendMessageRequestHeader send_header(std::string_view topic) {
    protocol::SendMessageRequestHeader header;
    header.producer_group = "p";
    header.topic = topic;
    header.default_topic = "TBW102";
    header.default_topic_queue_nums = 1;
    return header;
  }
  /// A good client is served as if nothing were.
  void serve() {
    const auto reply = ask(make_request(request::kSendMessage, send_header("TopicA"), "fine"));
    ASSERT_TRUE(reply) << reply.error().message();
    EXPECT_EQ(reply->code, code::kSuccess) << reply->remark;
    EXPECT_EQ(reply->number("queueOffset"), served_++);
  }
  std::vector<std::string> entries(const std::string& path) {
    std::vector<std::string> names;
    if (auto listed = cluster_->broker_node(0).files().list(path)) {
      for (const auto& info : *listed) names.push_back(info.name);
    }
    return names;
  }

  SimWorld world_{4242};
  std::unique_ptr<Cluster> cluster_;
  SimClient* client_ = nullptr;
  SimNode* bad_node_ = nullptr;
  std::vector<std::unique_ptr<RawPeer>> peers_;
  std::int64_t served_ = 0;
};

TEST_F(BadInputTest, MalformedFramesCloseTheirConnectionOnly) {
  const std::string fields = R"({"code":10,"flag":0,"language":"JAVA","opaque":1,"version":1})";
  std::string binary("\0\x0a\0\0\1\0\0\0\1\0\0\0\0\0\0\0\0", 17);
  const std::vector<std::pair<const char*, std::string>> bad = {
      {"negative length", be32(0xffffffff) + "xxxxxxxx"},
      {"largest length", be32(0x7fffffff) + "xxxxxxxx"},
      {"just over the limit", be32((16u << 20) + 1) + "xxxxxxxx"},
      {"length zero", be32(0) + "xxxxxxxx"},
      {"length three", be32(3) + "xxx"},
      {"header longer than the frame", frame(0, fields, 100'000)},
      {"header length 0xffffff", frame(0, fields, 0xffffff)},
      {"unknown serialization", frame(7, fields)},
      {"JSON cut short", frame(0, fields.substr(0, 20))},
      {"JSON that is none", frame(0, "rubbish rubbish rubbish")},
      {"JSON of another kind", frame(0, "[1,2,3]")},
      {"deep JSON", frame(0, std::string(100'000, '['))},
      {"binary header cut short", frame(1, binary.substr(0, 9))},
      {"binary fields beyond the header", frame(1, binary.substr(0, 13) + be32(0x7fffffff))},
      {"binary field name beyond the header", frame(1, binary.substr(0, 13) + be32(6) +
                                                           std::string("\xff\xff"
                                                                       "abcd",
                                                                       6))},
      {"binary field value negative",
       frame(1, binary.substr(0, 13) + be32(8) + std::string("\0\1a", 3) + be32(0xffffffff) + "x")},
      {"HTTP", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"},
  };
  const std::size_t before = connections();
  for (const auto& [what, bytes] : bad) {
    SCOPED_TRACE(what);
    RawPeer& peer = connect();
    write(peer, bytes);
    EXPECT_TRUE(world_.run_until([&] { return peer.closed || !peer.received.empty(); }, 5s));
    serve();
    if (!peer.closed) bad_node_->reactor().run_here([&] { peer.stream.reset(); });
    EXPECT_TRUE(world_.run_until([&] { return connections() <= before; }, 5s)) << connections();
  }
}

TEST_F(BadInputTest, RandomBytesNeverStopTheServer) {
  const std::size_t before = connections();
  Random random(7);
  for (int round = 0; round < 300; ++round) {
    SCOPED_TRACE(round);
    RawPeer& peer = connect(round % 4 == 0 ? kBrokerPort - 2 : kBrokerPort);
    std::string bytes(1 + random.below(300), '\0');
    for (char& c : bytes) c = static_cast<char>(random.next());
    // Half of them with a plausible beginning, to get deeper.
    if (random.chance(50)) bytes = frame(static_cast<std::uint8_t>(random.below(3)), bytes);
    write(peer, bytes);
    world_.run_for(20ms);
    if (peer.stream) bad_node_->reactor().run_here([&] { peer.stream.reset(); });
  }
  EXPECT_TRUE(world_.run_until([&] { return connections() <= before; }, 5s)) << connections();
  serve();
}

TEST_F(BadInputTest, AHalfFrameWaitsUntilItsConnectionIsIdle) {
  const std::size_t before = connections();
  RawPeer& peer = connect();
  write(peer, be32(15u << 20) + be32(100) + "half");
  world_.run_for(60s);
  EXPECT_FALSE(peer.closed);
  serve();
  // Keeps the good client's connection from being idle too.
  for (int i = 0; i < 4; ++i) {
    world_.run_for(30s);
    serve();
  }
  EXPECT_TRUE(peer.closed);
  EXPECT_EQ(connections(), before);
}

TEST_F(BadInputTest, OneByteASecondIsReadAndAnswered) {
  remoting::Message unused;
  const std::string whole = frame(
      0,
      R"({"code":28,"flag":0,"language":"JAVA","opaque":77,"serializeTypeCurrentRPC":"JSON","version":1,"remark":")" +
          std::string(60, 'x') + R"("})");
  ASSERT_GT(whole.size(), 140U) << "longer than silent connections are kept";
  RawPeer& slow = connect();
  for (const char c : whole) {
    write(slow, {&c, 1});
    world_.run_for(1s);
    if (slow.closed) break;
  }
  EXPECT_FALSE(slow.closed);
  EXPECT_TRUE(world_.run_until([&] { return slow.received.find("\"opaque\":77") != std::string::npos; }, 5s));
  serve();
}

TEST_F(BadInputTest, NamesNeverReachTheFileSystem) {
  const std::string long_name(300, 'x');
  const std::vector<std::string> names = {
      "../../x", "..", ".", "/etc/passwd", "a/b", "a\\b", std::string("a\0b", 3), "a b", "", long_name};
  for (const std::string& name : names) {
    SCOPED_TRACE(name);
    EXPECT_NE(code_of(make_request(request::kSendMessage, send_header(name), "x")), code::kSuccess);
    protocol::PullMessageRequestHeader pull;
    pull.consumer_group = name;
    pull.topic = name;
    pull.max_msg_nums = 1;
    pull.sys_flag = 4;
    pull.subscription = "*";
    EXPECT_NE(code_of(make_request(request::kPullMessage, pull)), code::kSuccess);
    protocol::UpdateConsumerOffsetRequestHeader commit;
    commit.consumer_group = name;
    commit.topic = name;
    commit.commit_offset = 1;
    EXPECT_NE(code_of(make_request(request::kUpdateConsumerOffset, commit)), code::kSuccess);
    remoting::Message create(request::kUpdateAndCreateTopic);
    create.field("topic", std::string_view(name));
    create.field("defaultTopic", "TBW102");
    for (const char* number : {"readQueueNums", "writeQueueNums"}) create.field(number, "4");
    create.field("perm", "6");
    create.field("topicFilterType", "SINGLE_TAG");
    create.field("topicSysFlag", "0");
    create.field("order", "false");
    EXPECT_NE(code_of(create), code::kSuccess);
    remoting::Message remove(request::kDeleteTopicInBroker);
    remove.field("topic", std::string_view(name));
    static_cast<void>(code_of(remove));
    protocol::HeartbeatData heartbeat;
    heartbeat.client_id = name;
    heartbeat.producer_data_set.push_back({name});
    protocol::ConsumerData consumer;
    consumer.group_name = name;
    heartbeat.consumer_data_set.push_back(consumer);
    remoting::Message beat(request::kHeartBeat);
    beat.body = protocol::to_json(heartbeat);
    static_cast<void>(code_of(beat));
  }
  serve();
  world_.run_for(20s);  // Queues and metadata are written.
  EXPECT_EQ(entries("/"), std::vector<std::string>{"home"});
  EXPECT_EQ(entries("/home"), std::vector<std::string>{"store"});
  EXPECT_EQ(entries("/home/store/consumequeue"), std::vector<std::string>{"TopicA"});
}

TEST_F(BadInputTest, NumbersThatCannotBeMeantAreRefusedOrBounded) {
  const auto pull = [&](std::int32_t queue, std::int64_t offset, std::int32_t count, std::int64_t suspend) {
    protocol::PullMessageRequestHeader header;
    header.consumer_group = "g";
    header.topic = "TopicA";
    header.queue_id = queue;
    header.queue_offset = offset;
    header.max_msg_nums = count;
    header.sys_flag = 6;
    header.suspend_timeout_millis = suspend;
    header.commit_offset = -5;
    header.subscription = "*";
    return code_of(make_request(request::kPullMessage, header));
  };
  EXPECT_EQ(pull(-1, 0, 32, 0), code::kInvalidParameter);
  EXPECT_EQ(pull(INT32_MAX, 0, 32, 0), code::kInvalidParameter);
  EXPECT_EQ(pull(0, 0, INT32_MIN, 0), code::kSuccess);
  EXPECT_EQ(pull(0, -7, 32, 0), code::kPullOffsetMoved);
  EXPECT_EQ(pull(0, INT64_MAX, 32, 0), code::kPullOffsetMoved);
  EXPECT_EQ(pull(0, INT64_MIN, INT32_MAX, -1), code::kPullOffsetMoved);
  for (const std::int32_t queue : {-2, 99'999, INT32_MAX, INT32_MIN}) {
    protocol::SendMessageRequestHeader header = send_header("TopicA");
    header.queue_id = queue;
    const std::int32_t answer = code_of(make_request(request::kSendMessage, header, "x"));
    if (answer == code::kSuccess) ++served_;  // A negative queue lets the broker choose.
    EXPECT_TRUE(answer != code::kSuccess || queue < 0) << queue;
  }
  remoting::Message commit(request::kUpdateConsumerOffset);
  commit.field("consumerGroup", "g");
  commit.field("topic", "TopicA");
  commit.field("queueId", "not a number");
  commit.field("commitOffset", "99999999999999999999999999");
  EXPECT_EQ(code_of(commit), code::kSystemError);
  remoting::Message create(request::kUpdateAndCreateTopic);
  create.field("topic", "TopicNegative");
  create.field("defaultTopic", "TBW102");
  create.field("readQueueNums", "-1");
  create.field("writeQueueNums", "2147483647");
  create.field("perm", "6");
  create.field("topicFilterType", "SINGLE_TAG");
  create.field("topicSysFlag", "0");
  create.field("order", "false");
  EXPECT_NE(code_of(create), code::kSuccess);
  serve();
}

TEST_F(BadInputTest, BodiesOverTheLimitAndUnknownCodesAreAnswered) {
  EXPECT_EQ(code_of(make_request(request::kSendMessage, send_header("TopicA"), std::string((4u << 20) + 1, 'b'))),
            code::kMessageIllegal);
  EXPECT_EQ(code_of(make_request(request::kSendMessage, send_header("TopicA"), "")), code::kMessageIllegal);
  for (const std::int32_t unknown : {0, -1, 12'345, INT32_MAX, INT32_MIN}) {
    EXPECT_EQ(code_of(remoting::Message(unknown)), code::kRequestCodeNotSupported) << unknown;
  }
  protocol::SendMessageRequestHeader batch = send_header("TopicA");
  batch.batch = true;
  EXPECT_NE(code_of(make_request(request::kSendMessage, batch, "no batch at all")), code::kSuccess);
  EXPECT_NE(code_of(make_request(request::kSendMessage, batch, be32(0xffffffff) + be32(0x7fffffff))), code::kSuccess);
  remoting::Message beat(request::kHeartBeat);
  beat.body = "{\"clientID\":[[[[";
  EXPECT_EQ(code_of(beat), code::kSystemError);
  serve();
}

TEST_F(BadInputTest, APeerThatNeverReadsIsPausedAndThenClosed) {
  const std::size_t before = connections();
  RawPeer& peer = connect();
  bad_node_->reactor().run_here([&] { peer.stream->pause_reading(true); });
  // All topics of the broker, over and over: several hundred megabytes of answers if nobody stopped it.
  const std::string question =
      frame(0, R"({"code":21,"flag":0,"language":"JAVA","opaque":1,"serializeTypeCurrentRPC":"JSON","version":1})");
  std::string many;
  while (many.size() < (1u << 20)) many += question;
  const std::size_t heap_before = ::mallinfo2().uordblks;
  for (int i = 0; i < 8; ++i) {
    write(peer, many);
    world_.run_for(100ms);
    serve();
  }
  EXPECT_LT(::mallinfo2().uordblks - heap_before, 64u << 20);
  for (int i = 0; i < 6 && connections() > before; ++i) {
    world_.run_for(30s);
    serve();
  }
  EXPECT_EQ(connections(), before);
}

TEST_F(BadInputTest, TenThousandIdleConnectionsCostLittleAndGoWhenIdle) {
  constexpr int kPeers = 10'000;
  const std::size_t before = connections();
  const std::size_t heap_before = ::mallinfo2().uordblks;
  for (int i = 0; i < kPeers; ++i) {
    bad_node_->reactor().run_here([&] { peers_.push_back(std::make_unique<RawPeer>(*bad_node_, broker())); });
    if (i % 500 == 499) world_.run_for(10ms);
  }
  ASSERT_TRUE(world_.run_until([&] { return connections() == before + kPeers; }, 5s)) << connections();
  // Both ends and what the simulated network keeps of each, not only the broker's side.
  EXPECT_LT((::mallinfo2().uordblks - heap_before) / kPeers, 8'000u);
  serve();
  for (int i = 0; i < 6 && connections() > before; ++i) {
    world_.run_for(30s);
    serve();
  }
  EXPECT_EQ(connections(), before);
}

}  // namespace
}  // namespace ogive::sim
