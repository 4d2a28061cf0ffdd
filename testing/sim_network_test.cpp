#include "testing/sim_network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>

#include "testing/sim_node.h"

namespace ogive::sim {
namespace {

using std::chrono_literals::operator""ms;

/// One end of a test connection: collects what arrives, counts what happens.
struct Peer : io::StreamHandler {
  std::unique_ptr<io::Stream> stream;
  std::string received;
  int deliveries = 0;
  int drained = 0;
  std::optional<Errc> closed;
  bool drop_on_data = false;

  void take(std::unique_ptr<io::Stream> opened) {
    stream = std::move(opened);
    stream->start(*this);
  }
  void send(std::string_view text) {
    io::OutBuffer out;
    out.append(text);
    stream->write(out);
  }
  Consumed on_data(ByteView data) override {
    received += as_chars(data);
    ++deliveries;
    if (drop_on_data) stream.reset();
    return {data.size(), 0};
  }
  void on_drained() override { ++drained; }
  void on_closed(const Error& reason) override {
    closed = reason.code();
    stream.reset();
  }
};

struct Pair {
  explicit Pair(std::uint64_t seed) : world(seed), a(world.add_node("a")), b(world.add_node("b")) {}

  void connect() {
    auto bound =
        b.network().listen(b.endpoint(9876), b.reactors(),
                           [this](io::Executor&, std::unique_ptr<io::Stream> s) { server.take(std::move(s)); });
    ASSERT_TRUE(bound.has_value());
    listener = std::move(*bound);
    a.network().connect(a.reactor(), b.endpoint(9876), 3000ms, [this](Result<std::unique_ptr<io::Stream>> s) {
      ASSERT_TRUE(s.has_value()) << s.error().message();
      client.take(std::move(*s));
    });
    ASSERT_TRUE(world.run_until([&] { return client.stream && server.stream; }, 1000ms));
  }

  SimWorld world;
  SimNode& a;
  SimNode& b;
  std::unique_ptr<io::Listener> listener;
  Peer client;
  Peer server;
};

std::string numbers(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += std::to_string(i) + ",";
  return text;
}

TEST(SimNetwork, BytesArriveInOrderInWhateverPieces) {
  bool split = false;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Pair pair(seed);
    pair.connect();
    const std::string text = numbers(2000);
    for (std::size_t at = 0; at < text.size(); at += 1000) pair.client.send(std::string_view(text).substr(at, 1000));
    pair.world.run_for(100ms);
    EXPECT_EQ(pair.server.received, text) << "seed " << seed;
    split = split || pair.server.deliveries > 1;
    EXPECT_EQ(pair.server.stream->remote(), pair.client.stream->local());
  }
  EXPECT_TRUE(split);
}

TEST(SimNetwork, LatencyStaysWithinTheLinksBounds) {
  Pair pair(3);
  LinkOptions slow;
  slow.min_latency_us = 40'000;
  slow.max_latency_us = 50'000;
  slow.busy_socket_percent = 0;
  pair.world.internet().set_link("a", "b", slow);
  pair.connect();
  const std::int64_t sent = pair.world.now_ms();
  pair.client.send("x");
  ASSERT_TRUE(pair.world.run_until([&] { return !pair.server.received.empty(); }, 1000ms));
  EXPECT_GE(pair.world.now_ms() - sent, 40);
  EXPECT_LE(pair.world.now_ms() - sent, 51);
}

TEST(SimNetwork, NobodyListensMeansRefusedAndAPartitionMeansTimeout) {
  Pair pair(1);
  std::vector<Errc> codes;
  const auto note = [&](Result<std::unique_ptr<io::Stream>> s) {
    codes.push_back(s ? Errc::kUnsupported : s.error().code());
  };
  pair.a.network().connect(pair.a.reactor(), pair.b.endpoint(1), 3000ms, note);
  pair.world.run_for(100ms);
  EXPECT_EQ(codes, std::vector<Errc>{Errc::kClosed});
  pair.world.internet().partition({"a"}, {"b"});
  pair.a.network().connect(pair.a.reactor(), pair.b.endpoint(1), 3000ms, note);
  pair.world.run_for(2900ms);
  EXPECT_EQ(codes.size(), 1U);
  pair.world.run_for(200ms);
  EXPECT_EQ(codes.back(), Errc::kTimeout);
}

TEST(SimNetwork, APartitionStallsAndHealingDelivers) {
  Pair pair(1);
  pair.connect();
  pair.world.internet().block("a", "b");
  pair.client.send("late");
  pair.server.send("other way");
  pair.world.run_for(1000ms);
  EXPECT_EQ(pair.server.received, "");
  EXPECT_EQ(pair.client.received, "other way");
  pair.world.internet().heal();
  pair.world.run_for(1000ms);
  EXPECT_EQ(pair.server.received, "late");
  pair.world.run_for(60'000ms);
  EXPECT_FALSE(pair.client.closed.has_value());
}

TEST(SimNetwork, ALongPartitionBreaksBothEnds) {
  Pair pair(1);
  pair.connect();
  pair.world.internet().partition({"a"}, {"b"});
  pair.client.send("lost");
  pair.world.run_for(14'000ms);
  EXPECT_FALSE(pair.client.closed.has_value());
  pair.world.run_for(20'000ms);
  EXPECT_EQ(pair.client.closed, Errc::kTimeout);
  EXPECT_EQ(pair.server.closed, Errc::kTimeout);
  EXPECT_EQ(pair.server.received, "");
}

TEST(SimNetwork, AReaderThatPausesHoldsTheWriterBack) {
  Pair pair(1);
  pair.connect();
  pair.server.stream->pause_reading(true);
  const std::string megabyte(1 << 20, 'x');
  pair.client.send(megabyte);
  pair.world.run_for(1000ms);
  EXPECT_EQ(pair.client.stream->pending_bytes(), megabyte.size() - (256u << 10));
  EXPECT_EQ(pair.client.drained, 0);
  pair.server.stream->pause_reading(false);
  pair.world.run_for(1000ms);
  EXPECT_EQ(pair.server.received.size(), megabyte.size());
  EXPECT_EQ(pair.client.stream->pending_bytes(), 0U);
  EXPECT_EQ(pair.client.drained, 1);
}

TEST(SimNetwork, ClosingAfterFlushDeliversEverythingFirst) {
  Pair pair(1);
  pair.connect();
  pair.client.send(std::string(1 << 20, 'x'));
  pair.client.stream->close_after_flush(5000ms);
  pair.world.run_for(6000ms);
  EXPECT_EQ(pair.server.received.size(), 1u << 20);
  EXPECT_EQ(pair.client.closed, Errc::kCancelled);
  EXPECT_EQ(pair.server.closed, Errc::kClosed);
  EXPECT_EQ(pair.world.internet().open_connections(), 0U);
}

TEST(SimNetwork, AStreamMayBeDestroyedInItsCallback) {
  Pair pair(1);
  pair.connect();
  pair.server.drop_on_data = true;
  pair.client.send("bye");
  pair.world.run_for(1000ms);
  EXPECT_EQ(pair.server.received, "bye");
  EXPECT_FALSE(pair.server.closed.has_value());
  EXPECT_EQ(pair.client.closed, Errc::kClosed);
  EXPECT_EQ(pair.world.internet().open_connections(), 0U);
}

TEST(SimNetwork, ResetReachesBothEnds) {
  Pair pair(1);
  pair.connect();
  pair.world.internet().reset_connections("a", "b");
  pair.world.run_for(10ms);
  EXPECT_EQ(pair.client.closed, Errc::kClosed);
  EXPECT_EQ(pair.server.closed, Errc::kClosed);
}

// What was sent behind a lost segment must not arrive in its place.
TEST(SimNetwork, ABreakingConnectionLeavesNoGapInTheStream) {
  int broken = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Pair pair(seed);
    LinkOptions fragile;
    fragile.break_per_100k_segments = 5'000;
    pair.world.internet().set_default_link(fragile);
    pair.connect();
    const std::string text = numbers(400);
    for (std::size_t at = 0; at < text.size() && pair.client.stream; at += 50) {
      pair.client.send(std::string_view(text).substr(at, 50));
      pair.world.run_for(std::chrono::milliseconds(seed % 2));
    }
    pair.world.run_for(100ms);
    EXPECT_EQ(pair.server.received, text.substr(0, pair.server.received.size())) << "seed " << seed;
    broken += pair.server.received.size() < text.size();
  }
  EXPECT_GT(broken, 20);
}

TEST(SimNetwork, NamesAndLiteralsResolve) {
  SimWorld world(1);
  SimNode& a = world.add_node("a");
  SimNode& b = world.add_node("namesrv-a");
  std::vector<std::string> answers;
  for (const char* host : {"namesrv-a", "192.168.7.7", "localhost", "nowhere"}) {
    a.network().resolve(a.reactor(), host, 9876, [&](Result<std::vector<io::Endpoint>> found) {
      answers.push_back(found ? found->front().to_string() : std::string(to_string(found.error().code())));
    });
  }
  world.run_until_idle();
  std::ranges::sort(answers);
  EXPECT_EQ(answers,
            (std::vector<std::string>{b.endpoint(9876).to_string(), "127.0.0.1:9876", "192.168.7.7:9876", "NotFound"}));
}

TEST(SimNetwork, TwoListenersCannotShareAPort) {
  Pair pair(1);
  pair.connect();
  EXPECT_EQ(pair.b.network().listen(pair.b.endpoint(9876), pair.b.reactors(), {}).error().code(), Errc::kAlreadyExists);
}

}  // namespace
}  // namespace ogive::sim
