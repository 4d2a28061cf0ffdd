#include "bench/relay.h"

#include <gtest/gtest.h>

#include <optional>

#include "bench/echo_server.h"
#include "bench/generator.h"
#include "bench/report.h"
#include "testing/sim_node.h"
#include "testing/sim_world.h"

namespace ogive::bench {
namespace {

using std::chrono_literals::operator""ms;

/// Echoes of one connection through a relay: the result of 100 ms.
Result<LoadResult> echo_through(Milliseconds delay, unsigned in_flight, bool with_server = true) {
  sim::SimWorld world(7);
  sim::SimNode& server = world.add_node("server");
  sim::SimNode& between = world.add_node("between");
  sim::SimNode& client = world.add_node("client");
  if (with_server) {
    server.run([](sim::SimNode& node) -> std::shared_ptr<void> {
      return std::shared_ptr<EchoServer>(EchoServer::open(node.network(), node.reactor(), node.endpoint(7)).value());
    });
  }
  between.run([&](sim::SimNode& node) -> std::shared_ptr<void> {
    return std::shared_ptr<Relay>(
        Relay::open(node.network(), node.reactor(), node.endpoint(8), server.endpoint(7), delay).value());
  });
  world.run_for(1ms);
  BenchOptions options;
  FixedWorkload workload(echo_request(options));
  Generator generator(client.network(), client.reactor(), workload,
                      {between.endpoint(8), 1, in_flight, 100ms, 500ms, 0});
  std::optional<Result<LoadResult>> result;
  client.reactor().run_here([&] { generator.start([] {}, [&](Result<LoadResult> end) { result = std::move(end); }); });
  world.run_until([&] { return result.has_value(); }, 10'000ms);
  EXPECT_TRUE(result.has_value());
  return std::move(*result);
}

TEST(Relay, EverythingArrivesLaterOnBothWays) {
  const auto direct = echo_through(0ms, 4);
  const auto delayed = echo_through(20ms, 4);
  ASSERT_TRUE(direct.has_value()) << direct.error().message();
  ASSERT_TRUE(delayed.has_value()) << delayed.error().message();
  EXPECT_GE(delayed->latency_ns.min(), 39'000'000u);
  EXPECT_LT(direct->latency_ns.min(), 10'000'000u);
  EXPECT_EQ(delayed->received_bytes, delayed->requests * 128);
}

TEST(Relay, DelaysWithoutSlowingDown) {
  const auto few = echo_through(20ms, 10);
  const auto many = echo_through(20ms, 1'000);
  ASSERT_TRUE(few.has_value() && many.has_value());
  EXPECT_GT(many->requests, 50 * few->requests);
}

TEST(Relay, WithoutAPeerTheConnectionEnds) {
  EXPECT_FALSE(echo_through(1ms, 1, false).has_value());
}

}  // namespace
}  // namespace ogive::bench
