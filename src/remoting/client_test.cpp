#include "remoting/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "remoting/peers_for_test.h"

namespace ogive::remoting {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ClientTest : public ::testing::Test {
 protected:
  void SetUp() override {
    server_ = std::make_unique<TestServer>(world_, ServerOptions{});
    node_ = &world_.add_node("client");
  }
  void start(ClientOptions options = {}, const HandlerTable* table = nullptr) {
    node_->run([this, options, table](sim::SimNode& self) {
      auto made = std::make_shared<Client>(self.network(), self.reactor(), options, table);
      client_ = made.get();
      client_->set_close_listener([this](const io::Endpoint& remote) { lost_.push_back(remote.to_string()); });
      return made;
    });
    world_.run_for(1ms);
  }
  /// Outcomes are "<tag>:<body>" or "<tag>:<Error>@<virtual ms>".
  void ask(std::string tag, std::int32_t code, Milliseconds timeout = 3s, std::string body = "ok") {
    Message message(code);
    message.body = std::move(body);
    ask_at(server_->endpoint(), std::move(tag), std::move(message), timeout);
  }
  void ask_at(const io::Endpoint& to, std::string tag, Message message, Milliseconds timeout) {
    node_->reactor().run_here([&] {
      client_->request(to, std::move(message), timeout, [this, tag](Result<const protocol::Frame*> reply) {
        if (reply) {
          outcomes_.push_back(tag + ":" + std::string(as_chars((*reply)->body)));
        } else {
          outcomes_.push_back(tag + ":" + std::string(to_string(reply.error().code())));
          last_error_ = reply.error().message();
          last_error_ms_ = world_.now_ms();
        }
      });
    });
  }
  bool wait_for(std::size_t outcomes, Milliseconds limit = 10s) {
    return world_.run_until([&] { return outcomes_.size() >= outcomes; }, limit);
  }

  sim::SimWorld world_{5};
  std::unique_ptr<TestServer> server_;
  sim::SimNode* node_ = nullptr;
  Client* client_ = nullptr;
  std::vector<std::string> outcomes_;
  std::vector<std::string> lost_;
  std::string last_error_;
  std::int64_t last_error_ms_ = 0;
};

TEST_F(ClientTest, RepliesFindTheirRequestsInWhateverOrderTheyCome) {
  start();
  for (const char* tag : {"a", "b", "c"}) ask(tag, kLater);
  ask("d", kEcho);
  ASSERT_TRUE(wait_for(1));
  ASSERT_EQ(server_->asked.size(), 3u);
  for (const std::size_t i : {2u, 0u, 1u}) {
    Message answer(0);
    answer.body = "reply " + std::to_string(i);
    server_->server->reply(server_->asked[i], answer);
    world_.run_for(50ms);
  }
  EXPECT_THAT(outcomes_, ElementsAre("d:ok", "c:reply 2", "a:reply 0", "b:reply 1"));
  EXPECT_EQ(client_->connection_count(), 1u);
}

TEST_F(ClientTest, ARequestWithoutReplyEndsAtItsTimeoutAndALateReplyIsIgnored) {
  start();
  ask("warm", kEcho);
  ASSERT_TRUE(wait_for(1));
  const std::int64_t begin = world_.now_ms();
  ask("slow", kLater, 700ms);
  ASSERT_TRUE(wait_for(2));
  EXPECT_EQ(outcomes_.back(), "slow:Timeout");
  EXPECT_NEAR(static_cast<double>(last_error_ms_ - begin), 700, 2);
  EXPECT_THAT(last_error_, HasSubstr(std::to_string(kLater)));
  server_->server->reply(server_->asked[0], Message(0));
  world_.run_for(1s);
  EXPECT_EQ(outcomes_.size(), 2u);
}

TEST_F(ClientTest, TheTimeoutCoversConnecting) {
  start();
  world_.internet().partition({"client"}, {"server"});
  const std::int64_t begin = world_.now_ms();
  ask("long", kEcho, 10s);
  ask("short", kEcho, 500ms);
  ASSERT_TRUE(wait_for(1));
  EXPECT_EQ(outcomes_.back(), "short:Timeout");
  EXPECT_NEAR(static_cast<double>(last_error_ms_ - begin), 500, 2);
  ASSERT_TRUE(wait_for(2));
  EXPECT_NEAR(static_cast<double>(last_error_ms_ - begin), 3'000, 5);  // The connect time-out.
  EXPECT_THAT(last_error_, HasSubstr(server_->endpoint().to_string()));
}

TEST_F(ClientTest, AfterAFailureTheNextRequestConnectsAfresh) {
  start();
  ask("a", kEcho);
  ASSERT_TRUE(wait_for(1));
  server_->node.kill();
  world_.run_for(1s);
  EXPECT_THAT(lost_, ElementsAre(server_->endpoint().to_string()));
  ask("b", kEcho);
  ASSERT_TRUE(wait_for(2));
  server_->node.restart();
  world_.run_for(10ms);
  ask("c", kEcho);
  ASSERT_TRUE(wait_for(3));
  EXPECT_THAT(outcomes_, ElementsAre("a:ok", "b:Closed", "c:ok"));
}

TEST_F(ClientTest, ALostConnectionFailsEverythingPendingOnIt) {
  start();
  for (int i = 0; i < 5; ++i) ask(std::to_string(i), kLater, 60s);
  world_.run_for(100ms);
  world_.internet().reset_connections("client", "server");
  ASSERT_TRUE(wait_for(5));
  for (const std::string& outcome : outcomes_) EXPECT_THAT(outcome, HasSubstr(":Closed"));
  ask("again", kEcho);
  EXPECT_TRUE(wait_for(6));
  EXPECT_EQ(outcomes_.back(), "again:ok");
}

TEST_F(ClientTest, TheQueueInFrontOfAConnectionIsBounded) {
  ClientOptions options;
  options.max_waiting_per_peer = 3;
  start(options);
  world_.internet().partition({"client"}, {"server"});
  for (int i = 0; i < 5; ++i) ask(std::to_string(i), kEcho, 60s);
  ASSERT_TRUE(wait_for(2, 100ms));
  EXPECT_THAT(outcomes_, ElementsAre("3:Limit", "4:Limit"));
  world_.internet().heal();
  ASSERT_TRUE(wait_for(5));
}

TEST_F(ClientTest, PendingRequestsOfAConnectionAreBounded) {
  ClientOptions options;
  options.limits.max_pending_requests = 2;
  start(options);
  for (int i = 0; i < 4; ++i) ask(std::to_string(i), kLater, 60s);
  ASSERT_TRUE(wait_for(2));
  EXPECT_THAT(outcomes_, ElementsAre("2:Limit", "3:Limit"));
}

TEST_F(ClientTest, ARefusedConnectionIsAnErrorThatNamesTheAddress) {
  start();
  const io::Endpoint nobody = server_->node.endpoint(1);
  ask_at(nobody, "x", Message(kEcho), 3s);
  ASSERT_TRUE(wait_for(1));
  EXPECT_EQ(outcomes_.back(), "x:Closed");
  EXPECT_THAT(last_error_, HasSubstr(nobody.to_string()));
  EXPECT_EQ(client_->connection_count(), 0u);
}

TEST_F(ClientTest, ClosingEndsWhatWaitsAndWhatIsPending) {
  start();
  ask("connecting", kEcho, 60s);
  node_->reactor().run_here([&] { client_->close(server_->endpoint()); });
  ASSERT_TRUE(wait_for(1));
  ask("pending", kLater, 60s);
  world_.run_for(100ms);
  node_->reactor().run_here([&] {
    client_->close(server_->endpoint());
    client_->close(server_->node.endpoint(1));  // Nothing there.
  });
  ask("fresh", kEcho, 60s);  // Must not be lost with the connection that is closing.
  ASSERT_TRUE(wait_for(3));
  std::ranges::sort(outcomes_);
  EXPECT_THAT(outcomes_, ElementsAre("connecting:Cancelled", "fresh:ok", "pending:Closed"));
}

TEST_F(ClientTest, AnIdleConnectionIsClosedAndReopenedOnDemand) {
  start();
  ask("a", kEcho);
  ASSERT_TRUE(wait_for(1));
  server_->server->drain();  // The server's own idle close must not be what we see.
  world_.run_for(100s);
  EXPECT_EQ(client_->connection_count(), 1u);
  world_.run_for(55s);
  EXPECT_EQ(client_->connection_count(), 0u);
}

TEST_F(ClientTest, OneWayRequestsWaitForTheConnectionToo) {
  start();
  node_->reactor().run_here([&] { client_->request_one_way(server_->endpoint(), Message(kEcho)); });
  ASSERT_TRUE(world_.run_until([&] { return !server_->remotes.empty(); }, 1s));
  world_.run_for(1s);
  EXPECT_TRUE(outcomes_.empty());
}

TEST_F(ClientTest, RequestsOfTheServerAreAnsweredFromItsTable) {
  HandlerTable table;
  table.add({.code = 40, .name = "NOTIFY", .lane = Lane::kReactor, .handler = Answer([](const Request& request) {
                                                                     return Message(
                                                                         0, "heard " + std::string(as_chars(
                                                                                           request.frame.body)));
                                                                   })});
  start({}, &table);
  ask("open", kLater, 60s);
  ASSERT_TRUE(world_.run_until([&] { return !server_->asked.empty(); }, 1s));
  std::vector<std::string> remarks;
  for (const std::int32_t code : {40, 41}) {
    Message question(code);
    question.body = "you";
    server_->server->request(server_->asked[0].channel, question, 1s, [&](Result<const protocol::Frame*> reply) {
      remarks.emplace_back(reply ? std::string((*reply)->remark) : reply.error().message());
    });
  }
  world_.run_for(1'500ms);
  EXPECT_THAT(remarks, ElementsAre("heard you", " request type 41 not supported"));
}

TEST_F(ClientTest, DestroyingItWithEverythingUnderWayCallsNobody) {
  start();
  ask("pending", kLater, 60s);
  world_.run_for(100ms);
  ask_at(server_->node.endpoint(1), "connecting", Message(kEcho), 60s);
  node_->kill();
  world_.run_for(120s);
  EXPECT_TRUE(outcomes_.empty());
}

TEST_F(ClientTest, SurvivesChaosWithEveryRequestEndingOnce) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    sim::SimWorld world(seed);
    sim::LinkOptions rough;
    rough.break_per_100k_segments = 2'000;
    world.internet().set_default_link(rough);
    TestServer server(world, ServerOptions{});
    sim::SimNode& node = world.add_node("client");
    Client* client = nullptr;
    node.run([&](sim::SimNode& self) {
      auto made = std::make_shared<Client>(self.network(), self.reactor(), ClientOptions{});
      client = made.get();
      return made;
    });
    world.run_for(1ms);
    std::map<int, int> ends;
    int wrong = 0;
    for (int i = 0; i < 200; ++i) {
      node.reactor().run_here([&] {
        Message message(i % 3 == 0 ? kBlockingEcho : kEcho);
        message.body = std::to_string(i);
        client->request(server.endpoint(), std::move(message), 2s, [&, i](Result<const protocol::Frame*> reply) {
          ++ends[i];
          if (reply && as_chars((*reply)->body) != std::to_string(i)) ++wrong;
        });
      });
      world.run_for(Milliseconds(static_cast<std::int64_t>(world.random().below(20))));
      if (i == 100) server.node.restart();
    }
    world.run_for(6s);
    EXPECT_EQ(ends.size(), 200u);
    EXPECT_EQ(wrong, 0);
    for (const auto& [i, count] : ends) EXPECT_EQ(count, 1) << i;
  }
}

}  // namespace
}  // namespace ogive::remoting
