// What `ogive bench deliver` measures, in a world whose latencies are known.

#include "bench/deliveries.h"

#include <gtest/gtest.h>

#include <optional>

#include "bench/generator.h"
#include "bench/preload.h"
#include "testing/cluster/cluster.h"

namespace ogive::sim {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

/// Producers and consumers on one node, as the command runs them.
class DeliveriesTest : public ::testing::Test {
 protected:
  DeliveriesTest() {
    world_.run_for(2s);
    options_.task = bench::Task::kDeliver;
    options_.server = cluster_.broker_node(0).endpoint(kBrokerPort);
    options_.connections = 2;
    options_.in_flight = 8;
    options_.rate = 500;
    options_.preload = options_.queues;
  }

  void run(unsigned groups) {
    options_.groups = groups;
    bench::Preload preload(client_.network(), client_.reactor(), options_);
    std::optional<std::vector<bench::LoadedQueue>> loaded;
    client_.reactor().run_here([&] { preload.start([&](auto result) { loaded = std::move(result.value()); }); });
    ASSERT_TRUE(world_.run_until([&] { return loaded.has_value(); }, 10s));

    bench::Deliveries deliveries(client_.network(), client_.reactor(), options_, *loaded);
    bool ready = false;
    client_.reactor().run_here([&] { deliveries.start([&] { ready = true; }, [&](const Error& e) { failure_ = e; }); });
    ASSERT_TRUE(world_.run_until([&] { return ready || failure_; }, 10s));

    bench::ProduceWorkload workload(options_);
    bench::Generator generator(
        client_.network(), client_.reactor(), workload,
        {options_.server, options_.connections, options_.in_flight, 500ms, 2000ms, options_.rate});
    std::optional<Result<bench::LoadResult>> sent;
    client_.reactor().run_here([&] {
      generator.start([&] { deliveries.measure(); },
                      [&](Result<bench::LoadResult> result) {
                        delivered_ = deliveries.stop();
                        sent = std::move(result);
                      });
    });
    ASSERT_TRUE(world_.run_until([&] { return sent || failure_; }, 20s));
    ASSERT_FALSE(failure_) << failure_->message();
    ASSERT_TRUE(sent->has_value()) << sent->error().message();
    sent_ = std::move(**sent);
  }

  SimWorld world_{5};
  Cluster cluster_{world_, {}};
  SimNode& client_ = world_.add_node("client");
  bench::BenchOptions options_;
  std::optional<Error> failure_;
  bench::DeliveryResult delivered_;
  bench::LoadResult sent_;
};

TEST_F(DeliveriesTest, EveryGroupReceivesEverythingAndTheWayThereIsTwoHops) {
  run(3);
  EXPECT_EQ(sent_.refused, 0U);
  EXPECT_NEAR(static_cast<double>(sent_.requests), 1'000, 20);
  EXPECT_NEAR(static_cast<double>(delivered_.messages), 3.0 * static_cast<double>(sent_.requests), 60);
  EXPECT_EQ(delivered_.latency_ns.count(), delivered_.messages);
  // A message cannot come before it was sent, and a poll that waits is answered at once: about a round trip.
  EXPECT_GE(delivered_.latency_ns.min(), 200'000U);
  EXPECT_LT(delivered_.latency_ns.quantile(0.5), 3 * sent_.latency_ns.quantile(0.5));
}

TEST_F(DeliveriesTest, ARefusedPollIsToldAndNotWaitedFor) {
  options_.topic = "NobodyHasSentToIt";
  bench::Deliveries deliveries(client_.network(), client_.reactor(), options_,
                               std::vector<bench::LoadedQueue>(options_.queues));
  client_.reactor().run_here([&] { deliveries.start([] {}, [&](const Error& e) { failure_ = e; }); });
  ASSERT_TRUE(world_.run_until([&] { return failure_.has_value(); }, 10s));
  EXPECT_NE(failure_->message().find("a poll was refused with code"), std::string::npos) << failure_->message();
}

}  // namespace
}  // namespace ogive::sim
