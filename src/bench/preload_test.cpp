// Storing what is to be read, against a server whose queues lag behind its answers.

#include "bench/preload.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <optional>

#include "protocol/codes.h"
#include "remoting/handler_table.h"
#include "remoting/server.h"
#include "testing/sim_node.h"
#include "testing/sim_world.h"

namespace ogive::bench {
namespace {

using std::chrono_literals::operator""ms;
using remoting::Message;
using remoting::Request;

constexpr std::uint16_t kPort = 10911;
constexpr unsigned kBatch = 32;

/// Takes batches, and shows them to consumers after a while.
struct LaggingBroker {
  LaggingBroker(sim::SimNode& node, std::map<std::string, std::uint64_t>& ends, std::int64_t visible_at_ms)
      : reactors(node.reactors()), server(node.network(), reactors, node.tasks(), {}) {
    table.add({protocol::request_code::kSendBatchMessage, "SEND_BATCH_MESSAGE", remoting::Lane::kReactor,
               remoting::Answer([&ends](const Request& request) {
                 std::uint64_t& end = ends[std::string(request.frame.find("e").value_or(""))];
                 Message reply(0);
                 reply.field("queueOffset", end);
                 end += kBatch;
                 return reply;
               })});
    table.add({protocol::request_code::kGetMaxOffset, "GET_MAX_OFFSET", remoting::Lane::kReactor,
               remoting::Answer([&ends, &node, visible_at_ms](const Request& request) {
                 const bool visible = node.world().now_ms() >= visible_at_ms;
                 Message reply(0);
                 reply.field("offset", visible ? ends[std::string(request.frame.find("queueId").value_or(""))]
                                               : std::uint64_t{0});
                 return reply;
               })});
    table.add({protocol::request_code::kGetMinOffset, "GET_MIN_OFFSET", remoting::Lane::kReactor,
               remoting::Answer([](const Request&) {
                 Message reply(0);
                 reply.field("offset", std::uint64_t{3});
                 return reply;
               })});
    EXPECT_TRUE(server.listen(node.endpoint(kPort), table).has_value());
  }
  std::vector<io::Executor*> reactors;
  remoting::HandlerTable table;
  remoting::Server server;
};

TEST(Preload, EndsWhenConsumersCanSeeEverything) {
  constexpr std::int64_t kVisibleAtMs = 3'000;
  sim::SimWorld world(1);
  auto& server = world.add_node("server");
  auto& client = world.add_node("client");
  std::map<std::string, std::uint64_t> ends{{"0", 10}, {"1", 20}};
  const std::int64_t visible_at = world.now_ms() + kVisibleAtMs;
  server.run([&](sim::SimNode& node) { return std::make_shared<LaggingBroker>(node, ends, visible_at); });
  BenchOptions options;
  options.server = server.endpoint(kPort);
  options.queues = 2;
  options.batch = kBatch;
  options.preload = 5 * kBatch;
  std::optional<Result<std::vector<LoadedQueue>>> result;
  std::int64_t ended_ms = 0;
  client.run([&](sim::SimNode& node) {
    auto preload = std::make_shared<Preload>(node.network(), node.reactor(), options);
    preload->start([&](Result<std::vector<LoadedQueue>> loaded) {
      ended_ms = node.world().now_ms();
      result = std::move(loaded);
    });
    return preload;
  });
  ASSERT_TRUE(world.run_until([&] { return result.has_value(); }, 10'000ms));
  ASSERT_TRUE(result->has_value()) << result->error().message();
  EXPECT_GE(ended_ms, visible_at);
  EXPECT_LT(ended_ms, visible_at + 500);
  EXPECT_EQ((**result)[0].begin, 10u);
  EXPECT_EQ((**result)[0].count, 2 * kBatch) << "as many whole batches as each queue's share holds";
  EXPECT_EQ((**result)[1].begin, 20u);
}

TEST(Preload, AQueueThatNeverShowsIsReported) {
  sim::SimWorld world(1);
  auto& server = world.add_node("server");
  auto& client = world.add_node("client");
  std::map<std::string, std::uint64_t> ends;
  server.run([&](sim::SimNode& node) { return std::make_shared<LaggingBroker>(node, ends, 1'000'000'000'000'000); });
  BenchOptions options;
  options.server = server.endpoint(kPort);
  options.queues = 1;
  options.batch = kBatch;
  options.preload = kBatch;
  std::optional<Result<std::vector<LoadedQueue>>> result;
  client.run([&](sim::SimNode& node) {
    auto preload = std::make_shared<Preload>(node.network(), node.reactor(), options);
    preload->start([&](Result<std::vector<LoadedQueue>> loaded) { result = std::move(loaded); });
    return preload;
  });
  ASSERT_TRUE(world.run_until([&] { return result.has_value(); }, 120'000ms));
  ASSERT_FALSE(result->has_value());
  EXPECT_NE(result->error().message().find("queue 0 ends at 0"), std::string::npos) << result->error().message();
}

/// What a run that stores nothing finds in two queues of 40 messages, of which three are gone.
std::optional<Result<std::vector<LoadedQueue>>> what_is_there(unsigned batch) {
  sim::SimWorld world(1);
  auto& server = world.add_node("server");
  auto& client = world.add_node("client");
  std::map<std::string, std::uint64_t> ends{{"0", 40}, {"1", 40}};
  server.run([&](sim::SimNode& node) { return std::make_shared<LaggingBroker>(node, ends, 0); });
  BenchOptions options;
  options.server = server.endpoint(kPort);
  options.queues = 2;
  options.batch = batch;
  options.preload = 0;
  std::optional<Result<std::vector<LoadedQueue>>> result;
  client.run([&](sim::SimNode& node) {
    auto preload = std::make_shared<Preload>(node.network(), node.reactor(), options);
    preload->start([&](Result<std::vector<LoadedQueue>> loaded) { result = std::move(loaded); });
    return preload;
  });
  world.run_until([&] { return result.has_value(); }, 10'000ms);
  EXPECT_EQ(ends["0"], 40u) << "nothing is stored";
  return result;
}

TEST(Preload, WithNothingToStoreItReadsWhatIsThere) {
  const auto found = what_is_there(kBatch);
  ASSERT_TRUE(found && found->has_value());
  ASSERT_EQ((**found).size(), 2u);
  EXPECT_EQ((**found)[1].begin, 3u);
  EXPECT_EQ((**found)[1].count, 37u);
}

TEST(Preload, FewerThanABatchAreRefused) {
  const auto found = what_is_there(38);
  ASSERT_TRUE(found && !found->has_value());
  EXPECT_NE(found->error().message().find("holds 37 messages"), std::string::npos) << found->error().message();
}

}  // namespace
}  // namespace ogive::bench
