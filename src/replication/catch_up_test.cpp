// Slaves that are behind: how fast they are served, how much they are sent ahead of their word, and what others notice.

#include <gtest/gtest.h>

#include "replication/pair_for_test.h"

namespace ogive::replication {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr std::int64_t kTailCache = 2 << 20;

/// A cluster whose last slave is down while the master writes more than its tail cache holds.
void fall_behind(Cluster& cluster, unsigned slave, std::int64_t bytes) {
  cluster.slave_node(slave).kill();
  const std::int64_t end = cluster.master()->store->raw_log().end().value() + bytes;
  ASSERT_TRUE(cluster.world().run_until([&] { return cluster.master()->store->raw_log().end().value() >= end; }, 60s));
}

TEST(CatchUp, TheFlowLimitIsKeptAndCanBeLifted) {
  constexpr std::int64_t kLimit = 400'000;
  Cluster::Options options;
  options.master.session.bytes_per_second = kLimit;
  Cluster cluster(11, options);
  fall_behind(cluster, 0, kTailCache * 2);
  cluster.master()->writer->stop();
  cluster.slave_node().restart();
  cluster.world().run_for(100ms);
  const auto have = [&] { return cluster.slave()->store->raw_log().end().value(); };
  for (int second = 0; second < 4; ++second) {
    const std::int64_t before = have();
    cluster.world().run_for(1s);
    EXPECT_LE(have() - before, kLimit * 12 / 10) << "second " << second;
    EXPECT_GE(have() - before, kLimit * 7 / 10) << "second " << second;
  }
  ASSERT_FALSE(cluster.caught_up());
  MasterOptions unlimited = fast_master();
  cluster.master()->port->configure(unlimited);
  ASSERT_TRUE(cluster.world().run_until([&] { return cluster.caught_up(); }, 2s));
  cluster.expect_same_log();
}

/// Says what it is told to and counts what it gets.
struct Mute final : io::StreamHandler {
  void connect(sim::SimNode& node, const io::Endpoint& to, std::int64_t first) {
    node.network().connect(node.reactor(), to, Milliseconds(1'000),
                           [this, first](Result<std::unique_ptr<io::Stream>> opened) {
                             ASSERT_TRUE(opened.has_value());
                             stream = std::move(*opened);
                             stream->start(*this);
                             report(first);
                           });
  }
  void report(std::int64_t offset) {
    io::OutBuffer out;
    out.append(encode_report(offset));
    stream->write(out);
  }
  Consumed on_data(ByteView data) override {
    PieceDecoder& decode = decoder;
    std::size_t consumed = 0;
    for (;;) {
      const auto event = decode.next(data.subspan(consumed));
      EXPECT_TRUE(event.has_value());
      consumed += event->consumed;
      if (event->kind == PieceDecoder::Event::Kind::kNeedMore) return {consumed, 0};
      received += static_cast<std::int64_t>(event->bytes.size());
    }
  }
  void on_drained() override {}
  void on_closed(const Error&) override {}
  PieceDecoder decoder;
  std::unique_ptr<io::Stream> stream;
  std::int64_t received = 0;
};

TEST(CatchUp, NoMoreThanTheWindowGoesAheadOfReports) {
  Cluster::Options options;
  options.master.session.window_bytes = 100 << 10;
  options.master.session.heartbeat = options.master.session.silence = Milliseconds(100'000);
  Cluster cluster(12, options);
  fall_behind(cluster, 0, kTailCache * 2);  // From the files ...
  sim::SimNode& node = cluster.world().add_node("mute");
  node.run([](sim::SimNode&) { return std::make_shared<int>(0); });
  for (const bool old : {true, false}) {
    const std::int64_t begin = old ? 1 : cluster.master()->store->raw_log().end().value();
    Mute mute;
    node.reactor().run_here([&] { mute.connect(node, cluster.master_node().endpoint(kHaPort), begin); });
    cluster.world().run_for(5s);
    EXPECT_GT(mute.received, 30 << 10) << old;
    EXPECT_LE(mute.received, options.master.session.window_bytes) << old;
    // ... and of what comes now, from memory.
    for (int i = 0; i < 20; ++i) {
      node.reactor().run_here([&] { mute.report(begin + mute.received); });
      const std::int64_t before = mute.received;
      cluster.world().run_for(500ms);
      EXPECT_LE(mute.received - before, options.master.session.window_bytes);
      EXPECT_GT(mute.received, before);
    }
    mute.stream.reset();
  }
}

TEST(CatchUp, OneThatReadsTheFilesDoesNotHoldUpAnother) {
  Cluster::Options options;
  options.wait_for_slaves = true;
  options.slaves = 2;
  Cluster cluster(13, options);
  fall_behind(cluster, 1, kTailCache * 4);
  ASSERT_TRUE(cluster.world().run_until([&] { return cluster.slave(0)->link->following(); }, 5s));
  const auto acknowledged_in = [&](Milliseconds time) {
    const std::size_t before = cluster.acknowledged().size();
    cluster.world().run_for(time);
    return cluster.acknowledged().size() - before;
  };
  const std::size_t alone = acknowledged_in(100ms);
  cluster.slave_node(1).restart();
  std::size_t slices = 0;
  while (!cluster.caught_up(1) && slices < 200) {
    EXPECT_GT(acknowledged_in(100ms), alone / 2) << "slice " << slices;
    ++slices;
  }
  EXPECT_GT(slices, 0U);
  ASSERT_TRUE(cluster.world().run_until([&] { return cluster.caught_up(1); }, 20s));
  cluster.master()->writer->stop();
  for (unsigned i : {0U, 1U}) {
    ASSERT_TRUE(cluster.world().run_until([&] { return cluster.caught_up(i); }, 5s));
    cluster.expect_same_log(i);
  }
}

// The slave comes up while its master's disk fails each read in turn, or its oldest files go.
TEST(CatchUp, AFileThatCannotBeReadEndsTheLinkAndNothingWrongIsSent) {
  for (std::uint64_t nth : {1U, 2U, 5U, 12U}) {
    SCOPED_TRACE(nth);
    Cluster cluster(14, {});
    fall_behind(cluster, 0, kTailCache * 2);
    cluster.master()->writer->stop();
    cluster.world().run_for(200ms);
    cluster.slave_node().restart();
    cluster.master_node().disk().add_fault({sim::DiskOp::kRead, "commitlog", nth, 3});
    const auto reason = [&] {
      return cluster.slave() == nullptr ? std::string() : cluster.slave()->link->status().reason;
    };
    // The first read, where the slave's end is looked up, is not the link's yet.
    ASSERT_TRUE(cluster.world().run_until([&] { return !reason().empty(); }, 5s));
    ASSERT_TRUE(cluster.world().run_until([&] { return cluster.caught_up(); }, 20s));
    cluster.expect_same_log();
  }
}

TEST(CatchUp, RecordsOfEveryFormMakeTheSameQueues) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    Cluster cluster(seed, {});
    cluster.master()->writer->write_all_forms();
    cluster.world().run_for(600ms);
    seed % 2 == 0 ? cluster.slave_node().power_loss() : cluster.slave_node().kill();
    cluster.world().run_for(300ms);
    cluster.slave_node().restart();
    cluster.world().run_for(600ms);
    cluster.master()->writer->stop();
    ASSERT_TRUE(cluster.world().run_until([&] { return cluster.caught_up(); }, 20s))
        << cluster.slave()->link->status().reason;
    cluster.expect_same_log();
    store::MessageStore& ours = *cluster.slave()->store;
    store::MessageStore& theirs = *cluster.master()->store;
    ASSERT_NE(theirs.find_queue("Batch", QueueId(0)), nullptr);
    for (const auto& [topic, id] : theirs.queues()) {
      store::ConsumeQueue* mine = ours.find_queue(topic, id);
      store::ConsumeQueue* other = theirs.find_queue(topic, id);
      ASSERT_NE(mine, nullptr);
      EXPECT_EQ(mine->kind(), other->kind()) << topic;
      store::ReadRequest request;
      for (request.offset = other->min_offset(); request.offset < other->max_offset();) {
        const auto a = ours.read(*mine, request);
        const auto b = theirs.read(*other, request);
        ASSERT_EQ(b.status, store::ReadStatus::kFound) << topic << " " << request.offset.value();
        ASSERT_EQ(a.status, b.status) << topic << " " << request.offset.value();
        ASSERT_EQ(a.next_offset, b.next_offset);
        ASSERT_EQ(a.message_count, b.message_count);
        request.offset = b.next_offset;
      }
    }
  }
}

}  // namespace
}  // namespace ogive::replication
