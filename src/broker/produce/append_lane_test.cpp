// When senders are told, on a store whose watermarks the test moves.

#include "broker/produce/append_lane.h"

#include <gtest/gtest.h>

#include <map>

#include "testing/sim_node.h"
#include "testing/sim_world.h"

namespace ogive::broker {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using Kind = AppendOutcome::Kind;

struct Stream;

class AppendLaneTest : public ::testing::Test, public AppendObserver {
 protected:
  friend struct Stream;
  void SetUp() override {
    node_.run([](sim::SimNode&) { return std::make_shared<int>(0); });
    world_.run_for(1ms);
    store::StoreOptions options;
    options.root = "/store";
    options.segment_bytes = 1 << 20;
    auto store =
        store::MessageStore::open({node_.files(), node_.clock(), node_.flusher(), node_.background()}, options);
    ASSERT_TRUE(store);
    store_ = std::move(*store);
    replicas_ = std::make_unique<replication::ReplicaSet>(node_.clock(), store_->appended(), store_->replicated());
    AppendLane::Options lane;
    lane.flush_timeout = 500ms;
    lane.replica_timeout = 300ms;
    lane.replicas = replicas_.get();
    lane_ = std::make_unique<AppendLane>(*store_, node_.reactor(), lane);
    world_.run_for(10ms);
  }
  void TearDown() override {
    node_.reactor().run_here([&] { lane_.reset(); });
  }

  void put(std::uint64_t ticket, AppendLevel level) {
    node_.reactor().run_here([&] { put_here(ticket, level); });
  }
  /// On the reactor.
  void put_here(std::uint64_t ticket, AppendLevel level) {
    message::RecordFields fields;
    fields.topic = "T";
    fields.body = as_bytes("body");
    lane_->begin();
    lane_->add(store_->queue("T", QueueId(0)), fields, 0);
    lane_->commit(level, *this, ticket);
  }
  void on_append_done(std::uint64_t ticket, const AppendOutcome& outcome) override {
    EXPECT_FALSE(told_.contains(ticket)) << "told twice";
    told_[ticket] = outcome.kind;
    if (outcome.kind != Kind::kFailed) {
      EXPECT_EQ(outcome.entries.size(), 1U);
    }
  }
  std::optional<Kind> told(std::uint64_t ticket) const {
    const auto found = told_.find(ticket);
    return found == told_.end() ? std::nullopt : std::optional(found->second);
  }
  replication::ReplicaSet::Id join() { return replicas_->add(node_.endpoint(40'000), PhysicalOffset(0)); }
  void acknowledge_all(replication::ReplicaSet::Id id) {
    const PhysicalOffset end = store_->max_physical_offset();
    node_.reactor().run_here([&] { replicas_->acknowledge(id, end, end); });
    world_.run_for(1ms);
  }

  sim::SimWorld world_{1};
  sim::SimNode& node_ = world_.add_node("node");
  std::unique_ptr<store::MessageStore> store_;
  std::unique_ptr<replication::ReplicaSet> replicas_;
  std::unique_ptr<AppendLane> lane_;
  std::map<std::uint64_t, Kind> told_;
};

TEST_F(AppendLaneTest, WhoWaitsForNothingIsToldAtOnce) {
  put(1, {});
  EXPECT_EQ(told(1), Kind::kOk);
}

TEST_F(AppendLaneTest, WaitsForTheSlave) {
  const auto slave = join();
  put(1, {.flushed = false, .replicated = true});
  put(2, {});
  world_.run_for(50ms);
  EXPECT_EQ(told(1), std::nullopt);
  EXPECT_EQ(told(2), Kind::kOk) << "who does not wait is not held up";
  acknowledge_all(slave);
  EXPECT_EQ(told(1), Kind::kOk);
  world_.run_for(1s);
}

TEST_F(AppendLaneTest, WaitsForBothAndNotLonger) {
  const auto slave = join();
  put(1, {.flushed = true, .replicated = true});
  world_.run_for(100ms);
  EXPECT_EQ(told(1), std::nullopt) << "flushed by now, not replicated";
  acknowledge_all(slave);
  EXPECT_EQ(told(1), Kind::kOk);
}

TEST_F(AppendLaneTest, TellsWhoIsLate) {
  const auto slave = join();
  put(1, {.flushed = false, .replicated = true});
  world_.run_for(299ms);
  EXPECT_EQ(told(1), std::nullopt);
  world_.run_for(2ms);
  EXPECT_EQ(told(1), Kind::kReplicaTimeout);
  acknowledge_all(slave);  // Too late: nobody is told twice.
  put(2, {.flushed = false, .replicated = true});
  acknowledge_all(slave);
  EXPECT_EQ(told(2), Kind::kOk);
}

TEST_F(AppendLaneTest, TellsWhenThereIsNobodyToWaitFor) {
  put(1, {.flushed = false, .replicated = true});
  EXPECT_EQ(told(1), Kind::kNoReplica);
  const auto slave = join();
  put(2, {.flushed = false, .replicated = true});
  acknowledge_all(slave);
  EXPECT_EQ(told(2), Kind::kOk);
  replicas_->remove(slave);
  put(3, {.flushed = true, .replicated = true});
  EXPECT_EQ(told(3), std::nullopt) << "what is said to be stored here is on the device first";
  world_.run_for(100ms);
  EXPECT_EQ(told(3), Kind::kNoReplica);
}

TEST_F(AppendLaneTest, LateIsToldOnceNothingElseIsMissing) {
  join();
  node_.disk().set_sync_time(5'000'000, 5'000'000);
  put(1, {.flushed = true, .replicated = true});
  world_.run_for(310ms);
  EXPECT_EQ(told(1), std::nullopt) << "no slave in time, and the device may still be";
  world_.run_for(200ms);
  EXPECT_EQ(told(1), Kind::kFlushTimeout) << "of two the worse";
}

TEST_F(AppendLaneTest, CountsWhatIsTold) {
  const auto slave = join();
  put(1, {});
  EXPECT_EQ(lane_->counters().messages.get(), 1U);
  put(2, {.flushed = false, .replicated = true});
  EXPECT_EQ(lane_->counters().messages.get(), 1U);
  acknowledge_all(slave);
  EXPECT_EQ(lane_->counters().messages.get(), 2U);
  EXPECT_EQ(lane_->counters().failures.get(), 0U);
}

TEST_F(AppendLaneTest, AFailedLogFailsWhoWaits) {
  join();
  put(1, {.flushed = false, .replicated = true});
  node_.reactor().run_here([&] { store_->replicated().fail(Error(Errc::kIo, "the disk is gone")); });
  world_.run_for(1ms);
  EXPECT_EQ(told(1), Kind::kFailed);
}

// Turns of the reactor, each with a message and `turn_ns` long, without a pause in between.
struct Stream {
  AppendLaneTest& test;
  std::int64_t turn_ns;
  int left;
  void next() {
    if (left-- == 0) return;
    test.node_.reactor().post([this] {
      test.put_here(100 + left, {.flushed = true, .replicated = false});
      test.world_.spend(turn_ns);
      next();
    });
  }
};

TEST_F(AppendLaneTest, OneSyncCoversWhatComesTurnAfterTurn) {
  node_.disk().set_sync_time(1'000, 1'000);
  put(1, {.flushed = true, .replicated = false});
  world_.run_for(10ms);
  ASSERT_EQ(told(1), Kind::kOk);
  const std::uint64_t before = store_->syncs().count;
  Stream stream{*this, 10'000, 50};
  stream.next();
  world_.run_for(20ms);
  EXPECT_EQ(told_.size(), 51U);
  EXPECT_EQ(store_->syncs().count, before + 1);
}

TEST_F(AppendLaneTest, NobodyWaitsLongForOthersToJoinItsSync) {
  node_.disk().set_sync_time(1'000, 1'000);
  put(1, {.flushed = true, .replicated = false});
  world_.run_for(10ms);
  Stream stream{*this, 10'000, 10'000};
  stream.next();
  world_.run_for(5ms);  // Two syncs' time of gathering, and one sync.
  EXPECT_EQ(told(100 + 9'999), Kind::kOk);
  EXPECT_GT(stream.left, 9'000);
}

TEST_F(AppendLaneTest, RefusesWhenTooMuchWaits) {
  AppendLane::Options options;
  options.max_awaiting_bytes = 1'000;
  options.replicas = replicas_.get();
  node_.reactor().run_here([&] { lane_ = std::make_unique<AppendLane>(*store_, node_.reactor(), options); });
  const auto slave = join();
  for (std::uint64_t i = 0; i < 20; ++i) put(i, {.flushed = false, .replicated = true});
  EXPECT_FALSE(lane_->admit().has_value());
  acknowledge_all(slave);
  EXPECT_TRUE(lane_->admit().has_value());
  EXPECT_EQ(told_.size(), 20U);
}

}  // namespace
}  // namespace ogive::broker
