#include "bench/load_run.h"

#include <utility>

#include "bench/consume_workload.h"
#include "bench/workload.h"

namespace ogive::bench {
namespace {

constexpr unsigned kPulledAtOnce = 32;

/// A mixed load's stored messages, and the pulls for them.
BenchOptions pulling(const BenchOptions& options) {
  BenchOptions pulls = options;
  pulls.connections = options.consumers;
  pulls.in_flight = 1;
  pulls.batch = kPulledAtOnce;
  pulls.delay_level = 0;  // They are to be read now.
  return pulls;
}

}  // namespace

LoadRun::LoadRun(io::Network& network, io::EpollReactor& reactor, const BenchOptions& options)
    : network_(network), reactor_(reactor) {
  report_.options = options;
}

Result<BenchReport> LoadRun::operator()(std::function<void(const LoadSlice&)> watch) {
  watch_ = std::move(watch);
  reactor_.post([this] { begin(); });
  reactor_.run();
  sends_.generator.reset();
  pulls_.generator.reset();
  deliveries_.reset();
  preload_.reset();
  if (failure_) return fail(*failure_);
  report_.load = std::move(*sent_);
  report_.ended_wall_ms = reactor_.clock().wall_ms();
  return std::move(report_);
}

void LoadRun::begin() {
  const BenchOptions& options = report_.options;
  switch (options.task) {
    case Task::kConsume:
      return preload(options);
    case Task::kMixed:
      return preload(pulling(options));
    case Task::kDeliver: {
      BenchOptions stored = options;
      stored.preload = options.queues;  // Makes the topic and tells the queues' ends.
      stored.delay_level = 0;
      return preload(stored);
    }
    case Task::kProduce:
      return send(std::make_unique<ProduceWorkload>(options));
    case Task::kRoute:
      return send(std::make_unique<FixedWorkload>(route_request(options)));
    default:
      return send(std::make_unique<FixedWorkload>(echo_request(options)));
  }
}

void LoadRun::preload(const BenchOptions& stored) {
  preload_ = std::make_unique<Preload>(network_, reactor_, stored);
  preload_->start([this](Result<std::vector<LoadedQueue>> loaded) {
    if (!loaded) return end(loaded.error());
    on_preloaded(std::move(*loaded));
  });
}

void LoadRun::on_preloaded(std::vector<LoadedQueue> loaded) {
  const BenchOptions& options = report_.options;
  if (options.task == Task::kConsume) return send(std::make_unique<ConsumeWorkload>(options, std::move(loaded)));
  if (options.task == Task::kMixed) {
    pull(std::move(loaded));
    return send(std::make_unique<ProduceWorkload>(options));
  }
  deliveries_ = std::make_unique<Deliveries>(network_, reactor_, options, std::move(loaded));
  deliveries_->start([this] { send(std::make_unique<ProduceWorkload>(report_.options)); },
                     [this](const Error& error) { end(error); });
}

LoadPlan LoadRun::plan() const {
  const BenchOptions& options = report_.options;
  return {options.server,
          options.connections,
          options.in_flight,
          Milliseconds(options.warm_up * 1'000),
          Milliseconds(options.seconds * 1'000),
          options.rate,
          options.one_way,
          options.asleep};
}

void LoadRun::send(std::unique_ptr<Workload> workload) {
  report_.messages_per_request = workload->messages_per_request();
  sends_.workload = std::move(workload);
  sends_.generator = std::make_unique<Generator>(network_, reactor_, *sends_.workload, plan());
  sends_.generator->watch([this](const LoadSlice& slice) { watch_(slice); });
  ++parts_under_way_;
  sends_.generator->start(
      [this] {
        take_usage(&UsagePair::before);
        if (deliveries_) deliveries_->measure();
      },
      [this](Result<LoadResult> result) {
        if (!result) return end(result.error());
        if (deliveries_) report_.deliveries = deliveries_->stop();
        take_usage(&UsagePair::after);
        part_over(std::move(*result), sent_);
      });
}

void LoadRun::pull(std::vector<LoadedQueue> loaded) {
  const BenchOptions options = pulling(report_.options);
  pulls_.workload = std::make_unique<ConsumeWorkload>(options, std::move(loaded));
  LoadPlan pulls = plan();
  pulls.connections = options.connections;
  pulls.in_flight = options.in_flight;
  pulls.rate = 0;
  pulls_.generator = std::make_unique<Generator>(network_, reactor_, *pulls_.workload, pulls);
  ++parts_under_way_;
  pulls_.generator->start([] {},
                          [this](Result<LoadResult> result) {
                            if (!result) return end(result.error());
                            part_over(std::move(*result), report_.reads);
                          });
}

void LoadRun::part_over(LoadResult result, std::optional<LoadResult>& place) {
  place = std::move(result);
  if (--parts_under_way_ == 0) reactor_.stop();
}

void LoadRun::take_usage(ProcessUsage UsagePair::* which) {
  if (auto own = process_usage(0)) report_.generator.*which = *own;
  if (report_.options.server_pid == 0) return;
  auto server = process_usage(report_.options.server_pid);
  if (!server) return end(server.error());
  if (!report_.server) report_.server.emplace();
  (*report_.server).*which = *server;
}

void LoadRun::end(const Error& error) {
  if (!failure_) failure_ = error;
  reactor_.stop();
}

}  // namespace ogive::bench
