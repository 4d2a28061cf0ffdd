// The generator against the echo server, both in the simulated world.

#include "bench/generator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "bench/echo_server.h"
#include "bench/process_usage.h"
#include "bench/report.h"
#include "testing/sim_node.h"
#include "testing/sim_world.h"

namespace ogive::bench {
namespace {

using std::chrono_literals::operator""ms;

constexpr std::uint16_t kPort = 7;

struct World {
  explicit World(std::uint64_t seed) : world(seed) {
    server.run([this](sim::SimNode& node) -> std::shared_ptr<void> {
      return std::shared_ptr<EchoServer>(
          std::move(EchoServer::open(node.network(), node.reactor(), node.endpoint(kPort))).value());
    });
    world.run_for(1ms);
  }

  /// Runs one plan to its end.
  Result<LoadResult> run(unsigned connections, unsigned in_flight, unsigned rate = 0) {
    BenchOptions options;
    options.size = 200;
    options.reply_size = 1'000;
    FixedWorkload workload(echo_request(options));
    return run(workload, connections, in_flight, rate);
  }
  Result<LoadResult> run(Workload& workload, unsigned connections, unsigned in_flight, unsigned rate = 0,
                         bool one_way = false, bool asleep = false) {
    Generator generator(client.network(), client.reactor(), workload,
                        {server.endpoint(kPort), connections, in_flight, 100ms, 1000ms, rate, one_way, asleep});
    generator.watch([this](const LoadSlice& slice) { watched.push_back(slice); });
    std::optional<Result<LoadResult>> result;
    client.reactor().run_here(
        [&] { generator.start([this] { ++measurements; }, [&](Result<LoadResult> end) { result = std::move(end); }); });
    world.run_until([&] { return result.has_value(); }, 10'000ms);
    EXPECT_TRUE(result.has_value());
    return std::move(*result);
  }

  sim::SimWorld world;
  sim::SimNode& server = world.add_node("server");
  sim::SimNode& client = world.add_node("client");
  int measurements = 0;
  std::vector<LoadSlice> watched;
};

TEST(Generator, KeepsTheRequestsUnderWayAndCountsThem) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    World world(seed);
    const auto result = world.run(3, 8);
    ASSERT_TRUE(result.has_value()) << result.error().message();
    EXPECT_EQ(world.measurements, 1);
    EXPECT_NEAR(result->seconds, 1.0, 0.01);
    EXPECT_EQ(result->refused, 0u);
    EXPECT_EQ(result->received_bytes, result->requests * 1'000);
    EXPECT_EQ(result->latency_ns.count(), result->requests);
    // A round trip takes 0.2 to 2 ms and more where the network splits or delays.
    EXPECT_GT(result->requests, 24u * 100);
    EXPECT_LT(result->requests, 24u * 5'000);
    EXPECT_GE(result->latency_ns.min(), 200'000u);
  }
}

/// Takes echoes for the answers of a server that is busy at times.
class MoodyWorkload final : public Workload {
 public:
  explicit MoodyWorkload(RequestTemplate request) : request_(std::move(request)) {}
  void write(io::OutBuffer& out, unsigned, std::int32_t slot, std::int64_t) override { request_.write(out, slot, 0); }
  ReplyNote take(unsigned, std::int32_t, const ReplyView&, ByteView) override {
    constexpr std::array<ReplyNote, 4> kMoods{
        {{Answer::kDone, 5}, {Answer::kBusy, 0}, {Answer::kEmpty, 0}, {Answer::kRefused, 0}}};
    return kMoods[taken_++ % kMoods.size()];
  }
  unsigned messages_per_request() const override { return 8; }

 private:
  const RequestTemplate request_;
  std::size_t taken_ = 0;
};

TEST(Generator, AnswersAreCountedByWhatTheyAre) {
  World world(1);
  BenchOptions options;
  options.size = 200;
  MoodyWorkload workload(echo_request(options));
  const auto result = world.run(workload, 1, 1);
  ASSERT_TRUE(result.has_value()) << result.error().message();
  const auto quarter = static_cast<double>(result->requests) / 4;
  ASSERT_GT(quarter, 20);
  EXPECT_NEAR(static_cast<double>(result->busy), quarter, 1.0);
  EXPECT_NEAR(static_cast<double>(result->empty), quarter, 1.0);
  EXPECT_NEAR(static_cast<double>(result->refused), quarter, 1.0);
  EXPECT_EQ(result->latency_ns.count(), result->requests - result->busy - result->empty - result->refused);
  EXPECT_EQ(result->messages, 5 * result->latency_ns.count());
}

TEST(Generator, SlicesCoverTheMeasuredTime) {
  World world(1);
  const auto result = world.run(2, 4);
  ASSERT_TRUE(result.has_value()) << result.error().message();
  ASSERT_GE(result->slices.size(), 10u);
  ASSERT_LE(result->slices.size(), 12u);
  EXPECT_EQ(world.watched.size(), result->slices.size());
  std::uint64_t messages = 0;
  double until = 0;
  for (const LoadSlice& slice : result->slices) {
    EXPECT_GE(slice.until_s, until);
    until = slice.until_s;
    messages += slice.messages;
    EXPECT_LE(slice.p50_ns, slice.p99_ns);
    EXPECT_LE(slice.p99_ns, slice.max_ns);
  }
  EXPECT_EQ(until, result->seconds);
  EXPECT_EQ(messages, result->messages);
  EXPECT_GT(result->slices[3].p50_ns, 100'000u);
  EXPECT_EQ(std::ranges::max(result->slices, {}, &LoadSlice::max_ns).max_ns, result->latency_ns.max());
}

TEST(Generator, OneWayRequestsWaitForNoReply) {
  BenchOptions options;
  options.size = 200;
  World at_rate(2);
  FixedWorkload workload(echo_request(options));
  const auto paced = at_rate.run(workload, 2, 1, 1'000, true);
  ASSERT_TRUE(paced.has_value()) << paced.error().message();
  EXPECT_NEAR(static_cast<double>(paced->requests), 1'000.0, 20.0);
  EXPECT_EQ(paced->messages, paced->requests);
  EXPECT_EQ(paced->sent_bytes, paced->requests * 200);
  EXPECT_EQ(paced->latency_ns.count(), 0u);
  EXPECT_EQ(paced->received_bytes, 0u);
  World free(2);
  const auto result = free.run(workload, 2, 8, 0, true);
  ASSERT_TRUE(result.has_value()) << result.error().message();
  EXPECT_GT(result->requests, 4'000u) << "bursts follow each other without a round trip";
}

TEST(Generator, AsleepAtARateSendsWhatIsDueTogether) {
  BenchOptions options;
  options.size = 200;
  FixedWorkload workload(echo_request(options));
  World world(4);
  const auto result = world.run(workload, 2, 64, 100'000, true, true);
  ASSERT_TRUE(result.has_value()) << result.error().message();
  EXPECT_NEAR(static_cast<double>(result->requests), 100'000.0, 100.0);
  EXPECT_EQ(result->backlog, 0u);
}

TEST(Generator, AtARateSendsWhatIsDueAndCountsTheWaitOfWhatCouldNotBeSent) {
  World world(3);
  const auto slow = world.run(4, 8, 500);  // Far below what the server answers.
  ASSERT_TRUE(slow.has_value()) << slow.error().message();
  EXPECT_NEAR(static_cast<double>(slow->requests), 500.0, 10.0);
  EXPECT_EQ(slow->backlog, 0u);
  EXPECT_LT(slow->latency_ns.quantile(0.5), 5'000'000u);
  const auto fast = world.run(1, 1, 50'000);  // One request at a time cannot.
  ASSERT_TRUE(fast.has_value()) << fast.error().message();
  EXPECT_LT(fast->requests, 10'000u);
  EXPECT_GT(fast->backlog, 40'000u);
  EXPECT_GT(fast->latency_ns.max(), 500'000'000u) << "latency counts from when a request was due";
}

TEST(Generator, ALostServerEndsTheRunWithItsReason) {
  World world(1);
  world.world.after(400ms, [&] { world.server.kill(); });
  const auto result = world.run(2, 1);
  EXPECT_FALSE(result.has_value());
}

TEST(Generator, AServerThatIsNotThereIsReported) {
  World world(1);
  world.server.kill();
  EXPECT_FALSE(world.run(2, 1).has_value());
}

TEST(ProcessUsage, StatusNumbersAreFoundByTheirWholeName) {
  constexpr std::string_view kStatus =
      "Name:\tx\nVmRSS:\t    3456 kB\nnonvoluntary_ctxt_switches:\t9\n"
      "voluntary_ctxt_switches:\t12\n";
  EXPECT_EQ(status_number(kStatus, "VmRSS"), 3456u);
  EXPECT_EQ(status_number(kStatus, "voluntary_ctxt_switches"), 12u);
  EXPECT_EQ(status_number(kStatus, "Vm"), 0u);
  EXPECT_TRUE(process_usage(0).has_value());
  EXPECT_FALSE(process_usage(1 << 30).has_value());
}

TEST(Report, FiguresArePerMessageAndPerRequest) {
  BenchReport report;
  report.options.server = *io::Endpoint::parse("127.0.0.1:1");
  report.load.requests = 1'000;
  report.load.messages = 10'000;
  report.load.seconds = 2;
  report.load.latency_ns.record(50'000, 1'000);
  report.messages_per_request = 10;
  report.server.emplace();
  report.server->after.cpu_ns = 20'000'000;
  const std::string text = report_text(report);
  EXPECT_NE(text.find("5000 messages/s, 500 requests/s"), std::string::npos) << text;
  EXPECT_NE(text.find("2.000 us CPU a message (20.000 a request), 1.0 % of a core (waited 0.0 %)"), std::string::npos)
      << text;
  EXPECT_EQ(text.find("BUSY"), std::string::npos) << text;
  report.load.busy = 7;
  report.load.empty = 9;
  EXPECT_NE(report_text(report).find("7 replies were SYSTEM_BUSY"), std::string::npos) << report_text(report);
  EXPECT_NE(report_text(report).find("9 pulls found no message"), std::string::npos) << report_text(report);
  const std::string json = report_json(report);
  EXPECT_NE(json.find(R"("messages":10000,"empty":9,"busy":7,"refused":0,)"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("cpu_us_per_message":2.0000,"cpu_us_per_request":20.0000,"core_share":0.0100)"),
            std::string::npos)
      << json;
}

}  // namespace
}  // namespace ogive::bench
