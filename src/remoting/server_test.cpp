#include "remoting/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "remoting/close_log.h"
#include "remoting/peers_for_test.h"

namespace ogive::remoting {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
namespace response = protocol::response_code;

std::string frames_of(std::int32_t code, int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes += frame_bytes(code, i, "body " + std::to_string(i));
  return bytes;
}

class ServerTest : public ::testing::Test {
 protected:
  void start(ServerOptions options = {}, unsigned reactors = 1) {
    use_smooth_links(world_);
    options.upgrade = &counts_;
    server_ = std::make_unique<TestServer>(world_, options, reactors);
    peer_node_ = &world_.add_node("peer");
    peer_node_->run([](sim::SimNode&) { return std::make_shared<int>(); });
    world_.run_for(1ms);
  }
  std::unique_ptr<RawPeer> dial() { return std::make_unique<RawPeer>(world_, *peer_node_, server_->endpoint()); }
  bool echoes(RawPeer& peer) {
    const std::size_t before = peer.answers.size();
    peer.send(frame_bytes(kEcho, 777, "alive"));
    return peer.wait_for(before + 1) && peer.answers.back().body == "alive";
  }
  /// Whether the server closed the connection after these bytes, and still serves `other`.
  void expect_closed_for(std::string_view bytes, RawPeer& other) {
    auto peer = dial();
    peer->send(bytes);
    EXPECT_TRUE(peer->wait_for_close());
    EXPECT_TRUE(peer->answers.empty());
    EXPECT_TRUE(echoes(other));
  }

  sim::SimWorld world_{1};
  CountingUpgrade counts_;
  std::unique_ptr<TestServer> server_;
  sim::SimNode* peer_node_ = nullptr;
};

TEST_F(ServerTest, AllFramesOfOneReadAreAnsweredInOneWriteInOrder) {
  start();
  auto peer = dial();
  peer->send(frames_of(kEcho, 200));
  ASSERT_TRUE(peer->wait_for(200));
  EXPECT_EQ(counts_.reads, 1);
  EXPECT_EQ(counts_.writes, 1);
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(peer->answers[static_cast<std::size_t>(i)].opaque, i);
    EXPECT_EQ(peer->answers[static_cast<std::size_t>(i)].body, "body " + std::to_string(i));
  }
}

TEST_F(ServerTest, FramesArriveInWhateverPieces) {
  start();
  auto peer = dial();
  const std::string bytes = frames_of(kEcho, 3);
  for (const char byte : bytes) {  // As slowly as it gets.
    peer->send(std::string_view(&byte, 1));
    world_.run_for(1ms);
  }
  ASSERT_TRUE(peer->wait_for(3));
  EXPECT_EQ(peer->answers[2].body, "body 2");
}

TEST_F(ServerTest, EveryAnswerIsInTheSerializationOfItsRequest) {
  start();
  auto peer = dial();
  peer->send(frame_bytes(kEcho, 1, "j", Serialization::kJson) + frame_bytes(9'999, 2, "b", Serialization::kRocketmq) +
             frame_bytes(9'999, 3, "j", Serialization::kJson));
  ASSERT_TRUE(peer->wait_for(3));
  EXPECT_EQ(peer->answers[0].serialization, Serialization::kJson);
  EXPECT_EQ(peer->answers[1].serialization, Serialization::kRocketmq);
  EXPECT_EQ(peer->answers[2].serialization, Serialization::kJson);
}

TEST_F(ServerTest, OneWayRequestsAreNeverAnsweredNotEvenWithErrors) {
  start();
  auto peer = dial();
  for (const std::int32_t code : {kEcho, kBlockingEcho, kThrows, 9'999}) {
    peer->send(frame_bytes(code, code, {}, Serialization::kJson, protocol::kOneWayFlag));
  }
  peer->send(frame_bytes(kLater, 5, {}, Serialization::kJson, protocol::kOneWayFlag));
  world_.run_for(1s);
  ASSERT_EQ(server_->asked.size(), 1u);
  server_->server->reply(server_->asked[0], Message(0));
  world_.run_for(1s);
  EXPECT_TRUE(peer->answers.empty());
  EXPECT_EQ(server_->remotes.size(), 2u);  // Both echoes ran.
  EXPECT_TRUE(echoes(*peer));
}

TEST_F(ServerTest, UnknownCodesAndFailingHandlersAreAnswered) {
  start();
  auto peer = dial();
  peer->send(frame_bytes(9'999, 1) + frame_bytes(kThrows, 2) + frame_bytes(-5, 3));
  ASSERT_TRUE(peer->wait_for(3));
  EXPECT_EQ(peer->answers[0].code, response::kRequestCodeNotSupported);
  EXPECT_EQ(peer->answers[0].remark, " request type 9999 not supported");
  EXPECT_EQ(peer->answers[1].code, response::kSystemError);
  EXPECT_EQ(peer->answers[1].remark, "a handler failed");
  EXPECT_EQ(peer->answers[2].code, response::kRequestCodeNotSupported);
}

TEST_F(ServerTest, MalformedFramesCloseTheirConnectionOnlyAndAreCounted) {
  start();
  auto other = dial();
  const std::uint64_t before = misbehaved_connections();
  const std::string good = frame_bytes(kEcho, 1);
  const auto patched = [&](std::size_t at, std::string_view bytes) {
    std::string frame = good;
    return frame.replace(at, bytes.size(), bytes);
  };
  expect_closed_for(patched(0, std::string_view("\xff\xff\xff\xff", 4)), *other);  // Length -1.
  expect_closed_for(patched(0, std::string_view("\x01\x00\x00\x01", 4)), *other);  // Over 16 MiB.
  expect_closed_for(patched(0, std::string_view("\x00\x00\x00\x03", 4)), *other);  // Shorter than its own prefix.
  expect_closed_for(patched(4, std::string_view("\x07", 1)), *other);              // Serialization 7.
  expect_closed_for(patched(5, std::string_view("\xff\xff\xff", 3)), *other);      // Header longer than the frame.
  expect_closed_for(patched(8, "]"), *other);                                      // No JSON.
  expect_closed_for("GET / HTTP/1.1\r\nHost: x\r\n\r\n", *other);
  EXPECT_EQ(misbehaved_connections() - before, 7u);
  EXPECT_EQ(server_->server->connection_count(), 1u);
  EXPECT_EQ(server_->closed.size(), 7u);
}

TEST_F(ServerTest, FramesBeforeABrokenOneAreAnswered) {
  start();
  auto peer = dial();
  peer->send(frames_of(kEcho, 3) + std::string(4, '\xff'));
  EXPECT_TRUE(peer->wait_for_close());
  EXPECT_EQ(peer->answers.size(), 3u);
}

TEST_F(ServerTest, SilentConnectionsAreClosedAfterTwoMinutesAndTalkingOnesStay) {
  start();
  auto silent = dial();
  auto talking = dial();
  for (int i = 0; i < 11; ++i) {
    world_.run_for(10s);
    EXPECT_TRUE(echoes(*talking));
  }
  world_.run_for(9s);
  EXPECT_FALSE(silent->closed.has_value());
  EXPECT_TRUE(silent->wait_for_close(32s));
  EXPECT_TRUE(echoes(*talking));
}

TEST_F(ServerTest, AnIdleTimeoutOfZeroKeepsConnections) {
  ServerOptions options;
  options.limits.idle_timeout = 0ms;
  start(options);
  auto peer = dial();
  world_.run_for(600s);
  EXPECT_TRUE(echoes(*peer));
}

TEST_F(ServerTest, APeerThatDoesNotReadIsPausedThenServedWhenItReads) {
  ServerOptions options;
  options.limits.pause_output_bytes = 1u << 20;
  start(options);
  auto peer = dial();
  peer->pause(true);
  for (int i = 0; i < 40; ++i) {
    peer->send(frame_bytes(kLarge, i, {}, Serialization::kJson, 0, {{"size", "200000"}}));
    world_.run_for(10ms);
  }
  peer->send(frame_bytes(kEcho, 99));
  world_.run_for(1s);
  EXPECT_TRUE(server_->remotes.empty());  // Paused long before the echo.
  EXPECT_FALSE(peer->closed.has_value());
  peer->pause(false);
  EXPECT_TRUE(peer->wait_for(41));
  EXPECT_EQ(peer->answers.back().opaque, 99);
}

TEST_F(ServerTest, APeerThatDoesNotReadIsCutOffAtTheLimit) {
  ServerOptions options;
  options.limits.pause_output_bytes = 1u << 20;
  options.limits.close_output_bytes = 4u << 20;
  start(options);
  auto peer = dial();
  auto other = dial();
  peer->pause(true);
  // All of it in one read: pausing comes too late.
  std::string burst;
  for (int i = 0; i < 10; ++i) burst += frame_bytes(kLarge, i, {}, Serialization::kJson, 0, {{"size", "1000000"}});
  peer->send(burst);
  world_.run_for(2s);
  EXPECT_EQ(server_->server->connection_count(), 1u);
  EXPECT_EQ(server_->closed.size(), 1u);
  EXPECT_TRUE(echoes(*other));
}

TEST_F(ServerTest, ConnectionsOverTheLimitAreRefusedAndCounted) {
  ServerOptions options;
  options.max_connections = 2;
  start(options);
  auto first = dial();
  auto second = dial();
  auto third = dial();
  EXPECT_TRUE(third->wait_for_close());
  EXPECT_EQ(server_->server->refused_connections(), 1u);
  first->drop();
  world_.run_for(100ms);
  auto fourth = dial();
  EXPECT_TRUE(echoes(*fourth));
  EXPECT_TRUE(echoes(*second));
}

TEST_F(ServerTest, TheFastPortServesItsOwnTable) {
  start();
  RawPeer fast(world_, *peer_node_, server_->fast_endpoint());
  EXPECT_TRUE(echoes(fast));
  fast.send(frame_bytes(kLater, 1));
  ASSERT_TRUE(fast.wait_for(2));
  EXPECT_EQ(fast.answers.back().code, response::kRequestCodeNotSupported);
}

TEST_F(ServerTest, DrainingSendsNewClientsAwayAndToldOldOnesToRetry) {
  start();
  auto peer = dial();
  EXPECT_TRUE(echoes(*peer));
  server_->server->drain();
  peer->send(frame_bytes(kEcho, 1, {}, Serialization::kJson, 0, {}, 513) +
             frame_bytes(kEcho, 2, {}, Serialization::kJson, 0, {}, 300));
  ASSERT_TRUE(peer->wait_for(3));
  EXPECT_EQ(peer->answers[1].code, response::kGoAway);
  EXPECT_EQ(peer->answers[2].code, response::kSystemBusy);
  auto late = dial();
  EXPECT_TRUE(late->wait_for_close());
}

TEST_F(ServerTest, ShuttingDownDeliversWhatIsPendingAndClosesEverything) {
  start({}, 3);
  std::vector<std::unique_ptr<RawPeer>> peers;
  for (int i = 0; i < 6; ++i) peers.push_back(dial());
  for (auto& peer : peers) peer->send(frame_bytes(kLarge, 1, {}, Serialization::kJson, 0, {{"size", "100000"}}));
  world_.run_for(2ms);
  server_->server->shut_down();
  for (auto& peer : peers) {
    EXPECT_TRUE(peer->wait_for_close());
    EXPECT_EQ(peer->answers.size(), 1u);
  }
  EXPECT_EQ(server_->server->connection_count(), 0u);
  EXPECT_EQ(server_->closed.size(), 6u);
  EXPECT_EQ(dial()->closed, Errc::kClosed);
}

TEST_F(ServerTest, LaterAnswersFindTheirConnectionOrNobody) {
  start({}, 2);
  auto peer = dial();
  auto gone = dial();
  peer->send(frame_bytes(kLater, 1));
  gone->send(frame_bytes(kLater, 2));
  ASSERT_TRUE(world_.run_until([&] { return server_->asked.size() == 2; }, 1s));
  const bool gone_is_first = server_->asked[0].opaque == 2;
  gone->drop();
  world_.run_for(100ms);
  auto successor = dial();  // May sit in the slot of the one that left.
  EXPECT_TRUE(echoes(*successor));
  for (const ReplyTo& to : server_->asked) server_->server->reply(to, Message(0, "late"));
  server_->server->reply(ReplyTo{}, Message(0));
  ASSERT_TRUE(peer->wait_for(1));
  world_.run_for(1s);
  EXPECT_EQ(peer->answers.size(), 1u);
  EXPECT_EQ(peer->answers[0].remark, "late");
  EXPECT_EQ(successor->answers.size(), 1u);
  EXPECT_TRUE(gone_is_first || server_->asked[1].opaque == 2);
}

TEST_F(ServerTest, ItsOwnRequestsToAPeerAreAnsweredOrTimeOutOrFailWithTheConnection) {
  start();
  auto peer = dial();
  peer->send(frame_bytes(kLater, 1));
  ASSERT_TRUE(world_.run_until([&] { return !server_->asked.empty(); }, 1s));
  const ChannelId channel = server_->asked[0].channel;
  std::vector<std::string> outcomes;
  const auto ask = [&](Milliseconds timeout) {
    server_->server->request(channel, Message(220), timeout, [&](Result<const protocol::Frame*> reply) {
      outcomes.push_back(reply ? std::string((*reply)->remark) : std::string(to_string(reply.error().code())));
    });
  };
  ask(1s);
  ASSERT_TRUE(peer->wait_for(1));
  EXPECT_EQ(peer->answers[0].code, 220);
  peer->send(frame_bytes(0, peer->answers[0].opaque, {}, Serialization::kJson, protocol::kResponseFlag));
  peer->send(frame_bytes(0, 4'242, {}, Serialization::kJson, protocol::kResponseFlag));  // Answers nothing.
  world_.run_for(500ms);
  ask(1s);
  world_.run_for(1'100ms);
  peer->send(frame_bytes(0, peer->answers[1].opaque, {}, Serialization::kJson, protocol::kResponseFlag));  // Too late.
  world_.run_for(100ms);
  ask(60s);
  world_.run_for(100ms);
  peer->drop();
  world_.run_for(100ms);
  ask(1s);
  world_.run_for(100ms);
  EXPECT_THAT(outcomes, ElementsAre("", "Timeout", "Closed", "Closed"));
}

TEST(ServerLanes, AFullBlockingLaneAnswersBusy) {
  struct FullPool final : io::TaskPool {
    Status post(io::Task) override { return fail(Errc::kLimit, "full"); }
  } pool;
  sim::SimWorld world(1);
  sim::SimNode& node = world.add_node("server");
  sim::SimNode& peer_node = world.add_node("peer");
  HandlerTable table;
  table.add({.code = kBlockingEcho, .name = "ECHO", .lane = Lane::kBlocking, .handler = Answer([](const Request&) {
                                                                               return Message(0);
                                                                             })});
  std::vector<io::Executor*> reactors;
  node.run([&](sim::SimNode& self) {
    reactors = self.reactors();
    auto server = std::make_shared<Server>(self.network(), reactors, pool, ServerOptions{});
    EXPECT_TRUE(server->listen(self.endpoint(1'000), table).has_value());
    return server;
  });
  peer_node.run([](sim::SimNode&) { return std::make_shared<int>(); });
  world.run_for(1ms);
  RawPeer peer(world, peer_node, node.endpoint(1'000));
  peer.send(frame_bytes(kBlockingEcho, 1));
  ASSERT_TRUE(peer.wait_for(1));
  EXPECT_EQ(peer.answers[0].code, response::kSystemBusy);
  EXPECT_THAT(peer.answers[0].remark, HasSubstr("[OVERLOAD]"));
}

}  // namespace
}  // namespace ogive::remoting
