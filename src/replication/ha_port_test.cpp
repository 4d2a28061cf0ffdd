// The replication port and those who are no slaves, or none of ours.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "replication/pair_for_test.h"

namespace ogive::replication {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using ::testing::HasSubstr;

/// Connects to the master's replication port and says `bytes`; what it gets in return.
struct Probe final : io::StreamHandler {
  explicit Probe(std::string say) : text(std::move(say)) {}
  void connect(sim::SimNode& node, const io::Endpoint& to) {
    node.network().connect(node.reactor(), to, 1s, [this](Result<std::unique_ptr<io::Stream>> opened) {
      if (!opened) return;
      stream = std::move(*opened);
      stream->start(*this);
      write(text);
    });
  }
  void write(const std::string& bytes) {
    if (!stream) return;
    io::OutBuffer out;
    out.append(std::string_view(bytes));
    stream->write(out);
  }
  Consumed on_data(ByteView data) override {
    received += data.size();
    if (heard.size() < 1'000) heard += as_chars(data);
    return {data.size(), 0};
  }
  void on_drained() override {}
  void on_closed(const Error&) override { closed = true; }
  std::string text;
  std::string heard;  ///< The first of it.
  std::unique_ptr<io::Stream> stream;
  std::size_t received = 0;
  bool closed = false;
};

class HaPortTest : public ::testing::Test {
 protected:
  void SetUp() override {
    node_.run([](sim::SimNode&) { return std::make_shared<int>(0); });
    cluster_.world().run_for(500ms);
  }
  explicit HaPortTest(const Cluster::Options& options = {}) : cluster_(4, options) {}
  std::unique_ptr<Probe> say(std::string bytes, Milliseconds wait = 100ms) {
    auto probe = std::make_unique<Probe>(std::move(bytes));
    node_.reactor().run_here([&] { probe->connect(node_, cluster_.master_node().endpoint(kHaPort)); });
    cluster_.world().run_for(wait);
    return probe;
  }
  void say_more(Probe& probe, const std::string& bytes) {
    node_.reactor().run_here([&] { probe.write(bytes); });
    cluster_.world().run_for(100ms);
  }
  static std::string report(std::int64_t offset) { return std::string(as_chars(encode_report(offset))); }
  PhysicalOffset replicated() { return cluster_.master()->store->replicated().value(); }
  std::int64_t log_end() { return cluster_.master()->store->raw_log().end().value(); }

  Cluster cluster_;
  sim::SimNode& node_ = cluster_.world().add_node("probe");
};

TEST_F(HaPortTest, SendsNothingToWhatIsNoSlave) {
  for (const std::string& bytes :
       {std::string("GET / HTTP/1.1\r\n\r\n"), report(-1), report(INT64_MAX), std::string(3, '\0')}) {
    auto probe = say(bytes);
    EXPECT_LE(probe->received, kPieceHeaderBytes) << "of the log nothing is given away";
    cluster_.world().run_for(2s);
    EXPECT_TRUE(probe->closed);
  }
  EXPECT_EQ(cluster_.master()->port->connection_count(), 1U) << "only the slave's is left";
}

class HaPortReportsTest : public HaPortTest {
 protected:
  void SetUp() override {
    HaPortTest::SetUp();
    cluster_.slave_node().kill();
    cluster_.master()->writer->stop();
    cluster_.world().run_for(1s);
  }
};

// Begins at the end, as a slave that lacks nothing, and then reports what is not there.
TEST_F(HaPortReportsTest, AReportBeyondTheLogMovesNothing) {
  const PhysicalOffset before = replicated();
  for (const std::int64_t beyond : {log_end() + 1, log_end() + (1 << 30), INT64_MAX}) {
    auto probe = say(report(log_end()) + report(beyond));
    EXPECT_EQ(replicated(), before) << beyond;
    auto second = say(report(log_end()));
    say_more(*second, report(beyond));
    EXPECT_EQ(replicated(), before) << beyond;
    EXPECT_TRUE(second->closed) << beyond;
    // And as the first word.
    auto liar = say(report(beyond));
    EXPECT_TRUE(liar->closed || liar->received <= kPieceHeaderBytes);
    EXPECT_EQ(replicated(), before) << beyond;
  }
}

TEST_F(HaPortReportsTest, AReportWithinARecordCountsUpToTheRecordInFrontOfIt) {
  const std::int64_t end = log_end();
  cluster_.world().run_for(10ms);
  auto probe = say(report(end));
  say_more(*probe, report(end));
  ASSERT_EQ(replicated(), PhysicalOffset(end));
  cluster_.master_node().reactor().run_here([&] { cluster_.master()->writer->append_once(); });
  cluster_.world().run_for(100ms);
  const std::int64_t grown = log_end();
  ASSERT_GT(grown, end + 10);
  for (const std::int64_t within : {end + 1, end + 5, grown - 1}) {
    say_more(*probe, report(within));
    EXPECT_EQ(replicated(), PhysicalOffset(end)) << within;
    EXPECT_EQ(cluster_.master()->port->replicas().snapshot().at(0).acknowledged, within) << "its status says it";
  }
  say_more(*probe, report(grown));
  EXPECT_EQ(replicated(), PhysicalOffset(grown));
  EXPECT_FALSE(probe->closed);
}

TEST_F(HaPortReportsTest, AReportThatGoesBackMovesNothing) {
  auto probe = say(report(log_end()));
  say_more(*probe, report(log_end()));
  const PhysicalOffset before = replicated();
  ASSERT_EQ(before, PhysicalOffset(log_end()));
  for (const std::int64_t back : {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, INT64_MIN}) {
    say_more(*probe, report(back));
    EXPECT_EQ(replicated(), before) << back;
  }
}

TEST_F(HaPortTest, ManyProbesLeaveNothing) {
  cluster_.master()->writer->stop();
  cluster_.world().run_for(1s);
  const bool all = std::getenv("OGIVE_FULL_TESTS") != nullptr;
  const int count = all ? 1'000'000 : 50'000;
  const std::string hello(as_chars(SharedSecret::make("any secret of some length")->nonce()));
  std::size_t most = 0;
  for (int i = 0; i < count; ++i) {
    const std::string says[] = {"", report(0), "GET / HTTP/1.1\r\n", hello};
    auto probe = say(says[i % 4], 2ms);
    most = std::max(most, cluster_.master()->port->connection_count());
  }
  cluster_.world().run_for(3s);
  EXPECT_GT(most, 1U) << "they were there";
  EXPECT_LE(most, MasterPort::kMaxSlaves + MasterPort::kMaxUnproven);
  EXPECT_EQ(cluster_.master()->port->connection_count(), 1U);
  EXPECT_EQ(cluster_.master()->port->replicas().snapshot().size(), 1U);
  EXPECT_TRUE(cluster_.slave()->link->following());
}

TEST_F(HaPortTest, RefusesStrangersWhenAddressesAreGiven) {
  MasterOptions options = fast_master();
  options.allowed = {cluster_.slave_node().endpoint().host()};
  cluster_.master()->port->configure(options);
  cluster_.world().run_for(10ms);
  auto probe = say(report(0));
  EXPECT_EQ(probe->received, 0U);
  EXPECT_TRUE(probe->closed);
  EXPECT_EQ(cluster_.master()->port->refused_connections(), 1U);
  EXPECT_TRUE(cluster_.slave()->link->following());
}

std::shared_ptr<const SharedSecret> secret_of(const std::string& text) {
  return std::make_shared<const SharedSecret>(*SharedSecret::make(text));
}
constexpr const char* kSecret = "0123456789abcdef secret";

class SecretPortTest : public HaPortTest {
 protected:
  SecretPortTest() : HaPortTest(with_secret()) {}
  static Cluster::Options with_secret() {
    Cluster::Options options;
    options.master.secret = options.slave.secret = secret_of(kSecret);
    return options;
  }
};

TEST_F(SecretPortTest, WhoKnowsItFollows) {
  EXPECT_TRUE(cluster_.slave()->link->following());
  cluster_.world().run_for(1s);
  cluster_.master()->writer->stop();
  ASSERT_TRUE(cluster_.world().run_until([&] { return cluster_.caught_up(); }, 5s));
  EXPECT_GT(log_end(), 0);
  cluster_.expect_same_log();
  // And again after either has been away.
  cluster_.slave_node().restart();
  ASSERT_TRUE(cluster_.world().run_until([&] { return cluster_.caught_up(); }, 5s));
  cluster_.master_node().restart();
  cluster_.world().run_for(1s);
  cluster_.master()->writer->stop();
  ASSERT_TRUE(cluster_.world().run_until([&] { return cluster_.caught_up(); }, 5s));
}

// What a slave of RocketMQ, or one of ours without the key, says.
TEST_F(SecretPortTest, WhoProvesNothingGetsNothing) {
  cluster_.slave_node().kill();
  cluster_.world().run_for(1s);
  const PhysicalOffset before = replicated();
  for (const std::int64_t offset : {std::int64_t{0}, std::int64_t{1}, log_end()}) {
    auto probe = say(report(offset) + report(offset));
    EXPECT_EQ(probe->received, 0U) << offset;
    EXPECT_TRUE(probe->closed) << offset;
  }
  EXPECT_EQ(replicated(), before);
  EXPECT_TRUE(cluster_.master()->port->replicas().snapshot().empty());
}

TEST_F(SecretPortTest, AForeignProofIsRefused) {
  const auto other = SharedSecret::make("another secret, as long");
  SlaveHandshake handshake(*other);
  const auto hello = handshake.hello();
  const std::string text(as_chars(hello));
  auto probe = say(text);
  EXPECT_EQ(probe->received, kHelloBytes) << "the challenge, nothing of the log";
  const auto step = handshake.take(as_bytes(probe->heard));
  ASSERT_TRUE(step.has_value());
  say_more(*probe, std::string(as_chars(step->say)) + report(0));
  EXPECT_EQ(probe->received, kHelloBytes);
  EXPECT_TRUE(probe->closed);
  EXPECT_EQ(cluster_.master()->port->replicas().snapshot().size(), 1U) << "the slave's only";
}

TEST(Replication, TwoSecretsDoNotFollowEachOther) {
  for (const bool master_has : {true, false}) {
    for (const bool slave_has : {true, false}) {
      if (!master_has && !slave_has) continue;
      Cluster::Options options;
      if (master_has) options.master.secret = secret_of(kSecret);
      if (slave_has) options.slave.secret = secret_of("fedcba9876543210 secret");
      Cluster cluster(5, options);
      cluster.world().run_for(3s);
      EXPECT_FALSE(cluster.slave()->link->following()) << master_has << slave_has;
      EXPECT_NE(cluster.slave()->link->status().state, LinkState::kDiverged) << "its history is not another";
      EXPECT_EQ(cluster.slave()->store->raw_log().end(), PhysicalOffset(0)) << "nothing is taken";
      EXPECT_EQ(cluster.master()->store->replicated().value(), PhysicalOffset(0));
      EXPECT_FALSE(cluster.slave()->link->status().reason.empty());
    }
  }
}

TEST(Replication, ReadsAddresses) {
  EXPECT_EQ(parse_addresses("10.0.0.1, 10.0.0.2;fd00::1").value(),
            (std::vector<std::string>{"10.0.0.1", "10.0.0.2", "fd00::1"}));
  EXPECT_TRUE(parse_addresses("")->empty());
  const auto bad = parse_addresses("10.0.0.1,host");
  ASSERT_FALSE(bad.has_value());
  EXPECT_THAT(bad.error().message(), HasSubstr("host"));
}

}  // namespace
}  // namespace ogive::replication
