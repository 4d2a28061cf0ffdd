// `ogive bench`: threads, signals, options.

#include <pthread.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/bench_options.h"
#include "bench/deliveries.h"
#include "bench/echo_server.h"
#include "bench/generator.h"
#include "bench/limits.h"
#include "bench/preload.h"
#include "bench/relay.h"
#include "bench/report.h"
#include "io/epoll_network.h"
#include "io/epoll_reactor.h"

namespace ogive {
namespace {

using namespace bench;  // NOLINT: this file is that module's entry.

constexpr int kFailed = 1;
constexpr int kUsageError = 2;

int complain(const std::string& text) {
  std::fprintf(stderr, "ogive bench: %s\n", text.c_str());
  return kFailed;
}

/// Runs what `open` makes on a reactor until SIGTERM.
template <class Open>
int serve(const char* what, const Open& open) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  io::EpollNetwork network;
  io::EpollReactor reactor(what);
  auto server = open(network, reactor);
  if (!server) return complain(server.error().message());
  std::thread thread([&reactor] { reactor.run(); });
  std::printf("%s at %s\n", what, (*server)->local().to_string().c_str());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  reactor.stop();
  thread.join();
  return 0;
}

int serve_echo(const BenchOptions& options) {
  return serve("echo server",
               [&](auto& network, auto& reactor) { return EchoServer::open(network, reactor, options.server); });
}

int serve_relay(const BenchOptions& options) {
  return serve("relay", [&](auto& network, auto& reactor) {
    return Relay::open(network, reactor, options.server, options.to, Milliseconds(options.delay_ms));
  });
}

int print_limits(const BenchOptions& options) {
  LimitsPlan plan;
  plan.directory = options.directory;
  plan.each = Milliseconds(options.seconds * 1'000);
  const auto limits = measure_limits(io::posix_file_system(), plan);
  if (!limits) return complain(limits.error().message());
  std::fputs((options.json ? limits_json(*limits) : limits_text(*limits, plan.directory)).c_str(), stdout);
  return 0;
}

/// One load run on the calling thread.
class Run {
 public:
  explicit Run(const BenchOptions& options) : reactor_("bench") { report_.options = options; }

  int operator()() {
    const BenchOptions& options = report_.options;
    if (options.task == Task::kConsume || options.task == Task::kDeliver) {
      BenchOptions stored = options;
      if (options.task == Task::kDeliver)
        stored.preload = options.queues;  // Makes the topic and tells the queues' ends.
      preload_ = std::make_unique<Preload>(network_, reactor_, stored);
      reactor_.post([this] {
        preload_->start([this](Result<std::vector<LoadedQueue>> loaded) {
          if (!loaded) return end(loaded.error());
          on_preloaded(std::move(*loaded));
        });
      });
    } else {
      reactor_.post([this] { load(fixed_or_produce()); });
    }
    reactor_.run();
    generator_.reset();
    deliveries_.reset();
    preload_.reset();
    if (failure_) return complain(failure_->message());
    std::fputs((options.json ? report_json(report_) : report_text(report_)).c_str(), stdout);
    return report_.load.refused == 0 ? 0 : kFailed;
  }

 private:
  void on_preloaded(std::vector<LoadedQueue> loaded) {
    const BenchOptions& options = report_.options;
    if (options.task == Task::kConsume) {
      return load(std::make_unique<ConsumeWorkload>(options, std::move(loaded)));
    }
    deliveries_ = std::make_unique<Deliveries>(network_, reactor_, options, std::move(loaded));
    deliveries_->start([this] { load(std::make_unique<ProduceWorkload>(report_.options)); },
                       [this](const Error& error) { end(error); });
  }

  std::unique_ptr<Workload> fixed_or_produce() const {
    const BenchOptions& options = report_.options;
    if (options.task == Task::kProduce) return std::make_unique<ProduceWorkload>(options);
    return std::make_unique<FixedWorkload>(options.task == Task::kRoute ? route_request(options)
                                                                        : echo_request(options));
  }

  void load(std::unique_ptr<Workload> workload) {
    const BenchOptions& options = report_.options;
    workload_ = std::move(workload);
    report_.messages_per_request = workload_->messages_per_request();
    const LoadPlan plan{options.server,
                        options.connections,
                        options.in_flight,
                        Milliseconds(options.warm_up * 1'000),
                        Milliseconds(options.seconds * 1'000),
                        options.rate};
    generator_ = std::make_unique<Generator>(network_, reactor_, *workload_, plan);
    generator_->start(
        [this] {
          take_usage(&UsagePair::before);
          if (deliveries_) deliveries_->measure();
        },
        [this](Result<LoadResult> result) {
          if (!result) return end(result.error());
          if (deliveries_) report_.deliveries = deliveries_->stop();
          take_usage(&UsagePair::after);
          report_.load = std::move(*result);
          reactor_.stop();
        });
  }

  void take_usage(ProcessUsage UsagePair::* which) {
    if (auto own = process_usage(0)) report_.generator.*which = *own;
    if (report_.options.server_pid == 0) return;
    auto server = process_usage(report_.options.server_pid);
    if (!server) return end(server.error());
    if (!report_.server) report_.server.emplace();
    (*report_.server).*which = *server;
  }

  void end(const Error& error) {
    if (!failure_) failure_ = error;
    reactor_.stop();
  }

  io::EpollNetwork network_;
  io::EpollReactor reactor_;
  BenchReport report_;
  std::optional<Error> failure_;
  std::unique_ptr<Workload> workload_;
  std::unique_ptr<Preload> preload_;
  std::unique_ptr<Deliveries> deliveries_;
  std::unique_ptr<Generator> generator_;
};

}  // namespace

int run_bench(int argc, char** argv) {
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  const auto options = parse_bench_options(words);
  if (!options) {
    complain(options.error().message());
    std::fputs(bench_help().c_str(), stderr);
    return kUsageError;
  }
  if (options->help) {
    std::fputs(bench_help().c_str(), stdout);
    return 0;
  }
  std::signal(SIGPIPE, SIG_IGN);
  if (options->task == Task::kEchoServer) return serve_echo(*options);
  if (options->task == Task::kRelay) return serve_relay(*options);
  if (options->task == Task::kLimits) return print_limits(*options);
  return Run(*options)();
}

}  // namespace ogive
