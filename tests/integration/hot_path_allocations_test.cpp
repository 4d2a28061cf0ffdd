// How many allocations the broker's reactor makes for a message once it is in its stride, on real sockets and files.

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <new>
#include <thread>

#include "bench/generator.h"
#include "bench/preload.h"
#include "broker/broker.h"
#include "io/blocking_lane.h"
#include "io/epoll_network.h"
#include "io/epoll_reactor.h"
#include "io/thread_executor.h"

namespace {
thread_local std::uint64_t t_allocations = 0;
}  // namespace

void* operator new(std::size_t size) {
  ++t_allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace ogive {
namespace {

class HotPath : public ::testing::Test {
 protected:
  void SetUp() override {
    char path[] = "/tmp/ogive-allocations-XXXXXX";
    ASSERT_NE(::mkdtemp(path), nullptr);
    root_ = path;
    options_.connections = 8;
    options_.in_flight = 16;
    // Two ports with one between them; another process may have any of them.
    const int first = 20'000 + ::getpid() % 10'000;
    for (int port = first; broker_ == nullptr && port < first + 400; port += 4) open(port);
    ASSERT_NE(broker_, nullptr);
    thread_ = std::thread([this] { reactor_.run(); });
  }
  void TearDown() override {
    reactor_.stop();
    if (thread_.joinable()) thread_.join();
    for (auto* lane : {&delivery_, &background_, &flusher_}) lane->stop();
    broker_.reset();
    std::filesystem::remove_all(root_);
  }

  void open(int port) {
    settings_.assign("listenPort", std::to_string(port));
    settings_.assign("brokerIP1", "127.0.0.1");
    settings_.assign("bindAddress", "127.0.0.1");
    settings_.assign("storePathRootDir", root_);
    settings_.assign("storePathCommitLog", root_ + "/commitlog");
    const broker::BrokerEnvironment environment{network_,       {&reactor_}, blocking_,   io::posix_file_system(),
                                                system_clock(), flusher_,    background_, delivery_};
    auto opened = broker::Broker::open(environment, settings_);
    ASSERT_TRUE(opened.has_value()) << opened.error().message();
    if (!(*opened)->start()) return;
    broker_ = std::move(*opened);
    options_.server = *io::Endpoint::parse("127.0.0.1:" + std::to_string(port));
  }

  /// The reactor's count so far.
  std::future<std::uint64_t> count() {
    auto counted = std::make_shared<std::promise<std::uint64_t>>();
    auto future = counted->get_future();
    reactor_.post([counted] { counted->set_value(t_allocations); });
    return future;
  }

  double allocations_per_message(bench::Workload& workload) {
    io::EpollReactor client("client");
    std::uint64_t before = 0, after = 0, messages = 0;
    bench::Generator generator(
        network_, client, workload,
        {options_.server, options_.connections, options_.in_flight, Milliseconds(300), Milliseconds(300)});
    client.post([&] {
      generator.start([&] { before = count().get(); },
                      [&](Result<bench::LoadResult> result) {
                        after = count().get();
                        ASSERT_TRUE(result.has_value()) << result.error().message();
                        EXPECT_EQ(result->refused, 0u) << result->first_refusal;
                        messages = result->messages;
                        client.stop();
                      });
    });
    client.run();
    EXPECT_GT(messages, 1'000u);
    const double share =
        static_cast<double>(after - before) / static_cast<double>(std::max<std::uint64_t>(messages, 1));
    RecordProperty("allocations_per_message", std::to_string(share));
    std::printf("%.4f allocations a message (%llu messages)\n", share, static_cast<unsigned long long>(messages));
    return share;
  }

  std::string root_;
  settings::Settings settings_{settings::broker_scopes(), settings::Machine{}};
  bench::BenchOptions options_;
  io::EpollNetwork network_;
  io::EpollReactor reactor_{"reactor"};
  io::BlockingLane blocking_{"blocking", 1, 100};
  io::ThreadExecutor flusher_{"flusher"}, background_{"background"}, delivery_{"delivery"};
  std::unique_ptr<broker::Broker> broker_;
  std::thread thread_;
};

TEST_F(HotPath, SendingAllocatesNothingPerMessage) {
  for (auto header : {protocol::Serialization::kRocketmq, protocol::Serialization::kJson}) {
    options_.header = header;
    bench::ProduceWorkload workload(options_);
    EXPECT_LT(allocations_per_message(workload), 0.02);
  }
}

TEST_F(HotPath, TailPullsAllocateOncePerReplyAtMost) {
  options_.batch = 32;
  options_.preload = 4'096;
  std::vector<bench::LoadedQueue> loaded;
  {
    io::EpollReactor client("client");
    bench::Preload preload(network_, client, options_);
    client.post([&] {
      preload.start([&](Result<std::vector<bench::LoadedQueue>> result) {
        ASSERT_TRUE(result.has_value()) << result.error().message();
        loaded = std::move(*result);
        client.stop();
      });
    });
    client.run();
  }
  bench::ConsumeWorkload workload(options_, loaded);
  EXPECT_LT(allocations_per_message(workload), 4.0 / 32);
}

}  // namespace
}  // namespace ogive
