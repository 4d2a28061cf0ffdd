// Master and slaves in the simulated world.

#include <gtest/gtest.h>

#include "replication/pair_for_test.h"

namespace ogive::replication {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

// A broker that finds its metadata unreadable takes down what it has made so far, on the thread that made it.
TEST(Replication, WhatWasNeverStartedMayGoOnAnyThread) {
  sim::SimWorld world(1);
  sim::SimNode& node = world.add_node("broker");
  int made = 0;
  node.run([&made](sim::SimNode& here) -> std::shared_ptr<void> {
    const auto store = open_store(here, false);
    {
      const MasterPort port({here.network(), here.background(), here.tasks(), *store}, fast_master());
    }
    {
      const MasterLink link({here.network(), here.background(), here.tasks(), *store}, fast_slave());
    }
    ++made;
    return std::make_shared<int>();
  });
  world.run_for(1ms);
  EXPECT_EQ(made, 1);
}

TEST(Replication, ASlaveCopiesAndFollows) {
  Cluster cluster(1, {});
  cluster.world().run_for(3s);
  ASSERT_TRUE(cluster.slave()->link->following());
  cluster.master()->writer->stop();
  ASSERT_TRUE(cluster.world().run_until([&] { return cluster.caught_up(); }, 5s));
  EXPECT_GT(cluster.master()->store->raw_log().end().value(), 2 * static_cast<std::int64_t>(kTestSegment));
  cluster.expect_same_log();
  const auto states = cluster.master()->port->replicas().snapshot();
  ASSERT_EQ(states.size(), 1U);
  EXPECT_TRUE(states[0].in_sync);
  cluster.world().run_until(
      [&] { return cluster.master()->store->replicated().value() == cluster.master()->store->raw_log().end(); }, 1s);
  EXPECT_EQ(cluster.master()->store->replicated().value(), cluster.master()->store->raw_log().end());
}

// A post of its own would come behind whatever the sockets have meanwhile, and behind the turn's replies.
TEST(Replication, WhatATurnAppendsLeavesAtItsEnd) {
  Cluster cluster(3, {});
  cluster.world().run_for(200ms);
  cluster.master()->writer->stop();
  ASSERT_TRUE(cluster.world().run_until([&] { return cluster.caught_up(); }, 5s));
  cluster.world().run_for(10ms);
  const store::RawLog& log = cluster.master()->store->raw_log();
  for (int i = 0; i < 20; ++i) {
    const PhysicalOffset before = log.end();
    cluster.master_node().reactor().run_here([&] { cluster.master()->writer->append_once(); });
    ASSERT_GT(log.end(), before);
    EXPECT_EQ(cluster.master()->port->replicas().snapshot().at(0).sent, log.end().value());
    cluster.world().run_for(10ms);
  }
}

TEST(Replication, ALateSlaveReadsFromTheFiles) {
  Cluster cluster(2, {});
  cluster.slave_node().kill();
  cluster.world().run_until([&] { return cluster.master()->store->raw_log().end().value() > (4 << 20); }, 60s);
  ASSERT_GT(cluster.master()->store->raw_log().end().value(), 4 << 20) << "more than the tail cache holds";
  cluster.slave_node().restart();
  cluster.world().run_for(3s);
  cluster.master()->writer->stop();
  ASSERT_TRUE(cluster.world().run_until([&] { return cluster.caught_up(); }, 20s));
  EXPECT_EQ(cluster.slave()->store->raw_log().begin(), PhysicalOffset(0));
  cluster.expect_same_log();
}

TEST(Replication, ASlaveOfAnEmptyMasterGetsItsFirstMessage) {
  Cluster::Options options;
  options.wait_for_slaves = true;
  Cluster cluster(3, options);
  cluster.write_every(0ms);
  cluster.world().run_for(1s);
  EXPECT_TRUE(cluster.slave()->link->following());
  EXPECT_TRUE(cluster.master()->port->replicas().available());
  cluster.master_node().reactor().run_here([&] { cluster.master()->writer->start(5ms); });
  cluster.world().run_for(1s);
  cluster.master()->writer->stop();
  ASSERT_TRUE(cluster.world().run_until([&] { return cluster.caught_up(); }, 5s));
  EXPECT_FALSE(cluster.acknowledged().empty());
  cluster.expect_same_log();
}

// Kills of both, power losses of slaves, cuts one way and both ways. What was acknowledged behind a slave is on a
// slave.
void rough_life(std::uint64_t seed) {
  SCOPED_TRACE(seed);
  Cluster::Options options;
  options.wait_for_slaves = true;
  options.slaves = 1 + static_cast<unsigned>(seed % 2);
  options.slave.report_flushed = seed % 3 != 0;
  Cluster cluster(seed, options);
  sim::SimWorld& world = cluster.world();
  Random& random = world.random();
  // A slave that reports what is only appended may lose it with its power.
  const bool may_lose_power = options.slave.report_flushed;
  for (int step = 0; step < 12; ++step) {
    world.run_for(Milliseconds(static_cast<std::int64_t>(20 + random.below(150))));
    const auto slave = static_cast<unsigned>(random.below(options.slaves));
    const std::string name = "slave" + std::to_string(slave);
    switch (random.below(7)) {
      case 0:
        cluster.master_node().restart();
        break;
      case 1:
        cluster.slave_node(slave).kill();
        break;
      case 2:
        may_lose_power ? cluster.slave_node(slave).power_loss() : cluster.slave_node(slave).kill();
        break;
      case 3:
        world.internet().partition({"master"}, {name});
        break;
      case 4:
        world.internet().block(random.below(2) == 0 ? "master" : name, random.below(2) == 0 ? name : "master");
        break;
      case 5:
        world.internet().reset_connections("master", name);
        break;
      default:
        break;
    }
    if (random.below(3) == 0) world.internet().heal();
    for (unsigned i = 0; i < options.slaves; ++i) {
      if (!cluster.slave_node(i).alive() && random.below(2) == 0) cluster.slave_node(i).restart();
    }
  }
  // The master's disk dies now: whatever was acknowledged must be on one of the slaves, which all come back first.
  const std::size_t acknowledged = cluster.acknowledged().size();
  world.internet().heal();
  for (unsigned i = 0; i < options.slaves; ++i) {
    if (!cluster.slave_node(i).alive()) cluster.slave_node(i).restart();
  }
  for (unsigned i = 0; i < options.slaves; ++i) world.internet().partition({"master"}, {"slave" + std::to_string(i)});
  world.run_for(10ms);
  unsigned longest = 0;
  for (unsigned i = 1; i < options.slaves; ++i) {
    if (cluster.slave(i)->store->raw_log().end() > cluster.slave(longest)->store->raw_log().end()) longest = i;
  }
  const auto all = cluster.acknowledged();
  Cluster::expect_has(*cluster.slave(longest)->store,
                      {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(acknowledged)});
  // Or it does not, and all become one again.
  world.internet().heal();
  cluster.master()->writer->stop();
  for (unsigned i = 0; i < options.slaves; ++i) {
    ASSERT_TRUE(world.run_until([&] { return cluster.caught_up(i); }, 30s))
        << "slave " << i << ": " << to_string(cluster.slave(i)->link->status().state) << ", "
        << cluster.slave(i)->link->status().reason;
    cluster.expect_same_log(i);
  }
  Cluster::expect_has(*cluster.master()->store, cluster.acknowledged());
}

TEST(Replication, LosesNothingAcknowledgedInARoughLife) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    rough_life(seed);
    if (::testing::Test::HasFatalFailure() || ::testing::Test::HasNonfatalFailure()) return;
  }
}

// A master that lost its unsynced end with its power, and wrote something else there, is not followed.
TEST(Replication, AnotherHistoryIsFoundAndLeftAlone) {
  unsigned diverged = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    Cluster cluster(seed, {});
    cluster.world().run_for(Milliseconds(static_cast<std::int64_t>(100 + seed * 7)));
    ASSERT_TRUE(cluster.slave()->link->following());
    cluster.master_node().power_loss();
    cluster.world().run_for(50ms);
    const std::int64_t had = cluster.slave()->store->raw_log().end().value();
    const auto before = Cluster::log_of(*cluster.slave()->store, 0);
    cluster.master_node().restart();
    cluster.world().run_for(2s);
    const LinkStatus status = cluster.slave()->link->status();
    if (status.state == LinkState::kDiverged) {
      ++diverged;
      EXPECT_EQ(cluster.slave()->store->raw_log().end().value(), had) << "nothing may be taken";
      EXPECT_TRUE(Cluster::log_of(*cluster.slave()->store, 0) == before) << "nothing may be overwritten";
      EXPECT_FALSE(status.reason.empty());
      EXPECT_LE(cluster.master()->store->replicated().value().value(), had);
      continue;
    }
    cluster.master()->writer->stop();
    ASSERT_TRUE(cluster.world().run_until([&] { return cluster.caught_up(); }, 5s)) << status.reason;
    cluster.expect_same_log();
  }
  EXPECT_GT(diverged, 0U);
}

// Its records begin at the same places, and it is longer than the slave's log: only the bytes tell.
TEST(Replication, AnotherHistoryOfTheSameShapeIsFound) {
  unsigned diverged = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    Cluster cluster(seed, {});
    cluster.write_every(0ms);
    cluster.world().run_for(100ms);
    const auto end_of = [](auto* process) { return process->store->raw_log().end().value(); };
    const auto append = [&](int times) {
      cluster.master_node().reactor().run_here([&] {
        cluster.master()->writer->write_same_size();
        for (int i = 0; i < times; ++i) cluster.master()->writer->append_once();
      });
    };
    cluster.master()->writer->stop();
    cluster.world().run_for(200ms);
    append(10);
    ASSERT_TRUE(cluster.world().run_until([&] { return cluster.caught_up(); }, 10ms)) << "before it is flushed";
    const std::int64_t had = end_of(cluster.slave());
    const auto before = Cluster::log_of(*cluster.slave()->store, 0);
    cluster.master_node().power_loss();
    cluster.world().internet().partition({"master"}, {"slave0"});
    cluster.master_node().restart();
    cluster.world().run_for(50ms);
    const bool lost = end_of(cluster.master()) < had;
    append(20);
    cluster.world().run_for(50ms);
    ASSERT_GT(end_of(cluster.master()), had);
    cluster.world().internet().heal();
    cluster.world().run_for(2s);
    if (!lost) {
      EXPECT_TRUE(cluster.caught_up());
      continue;
    }
    ++diverged;
    EXPECT_EQ(cluster.slave()->link->status().state, LinkState::kDiverged);
    EXPECT_TRUE(Cluster::log_of(*cluster.slave()->store, 0) == before) << "nothing may be taken or overwritten";
  }
  EXPECT_GT(diverged, 0U);
}

// What a slave of such a master has is on the master's device too: no power loss makes another history of it.
TEST(Replication, AMasterThatSendsOnlyWhatIsFlushedNeverFallsBehindItsSlave) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    Cluster::Options options;
    options.master.only_flushed = true;
    options.wait_for_slaves = true;
    options.slave.report_flushed = seed % 2 == 0;
    Cluster cluster(seed, options);
    for (int loss = 0; loss < 3; ++loss) {
      cluster.world().run_for(Milliseconds(static_cast<std::int64_t>(60 + seed * 7)));
      ASSERT_TRUE(cluster.world().run_until([&] { return cluster.slave()->link->following(); }, 5s))
          << to_string(cluster.slave()->link->status().state) << ", " << cluster.slave()->link->status().reason;
      cluster.master_node().power_loss();
      cluster.world().run_for(20ms);
      cluster.master_node().restart();
    }
    cluster.world().run_for(1s);
    cluster.master()->writer->stop();
    ASSERT_TRUE(cluster.world().run_until([&] { return cluster.caught_up(); }, 10s))
        << cluster.slave()->link->status().reason;
    cluster.expect_same_log();
    EXPECT_FALSE(cluster.acknowledged().empty());
    Cluster::expect_has(*cluster.slave()->store, cluster.acknowledged());
  }
}

// Also where nothing is sent that would be flushed: what it recovered is on its device when it opens.
TEST(Replication, SuchAMasterKnowsAfterItsStartWhatItsSlaveHas) {
  Cluster::Options options;
  options.master.only_flushed = true;
  Cluster cluster(5, options);
  cluster.world().run_for(200ms);
  cluster.master()->writer->stop();
  ASSERT_TRUE(cluster.world().run_until([&] { return cluster.caught_up(); }, 5s));
  cluster.write_every(0ms);
  cluster.master_node().restart();
  cluster.world().run_for(10ms);
  ASSERT_TRUE(cluster.world().run_until([&] { return cluster.caught_up(); }, 5s))
      << to_string(cluster.slave()->link->status().state) << ", " << cluster.slave()->link->status().reason;
}

}  // namespace
}  // namespace ogive::replication
