#pragma once
// One run of `ogive bench` that sends something: from what has to be stored first to the report.

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "bench/deliveries.h"
#include "bench/generator.h"
#include "bench/preload.h"
#include "bench/report.h"
#include "io/epoll_reactor.h"
#include "io/network.h"

namespace ogive::bench {

/// Runs on the calling thread, once; `reactor` is its own for that time.
class LoadRun {
 public:
  LoadRun(io::Network& network, io::EpollReactor& reactor, const BenchOptions& options);
  /// `watch` is told every slice of the measured time as it ends; of a mixed load, of those who send.
  Result<BenchReport> operator()(std::function<void(const LoadSlice&)> watch);

 private:
  struct Part {
    std::unique_ptr<Workload> workload;
    std::unique_ptr<Generator> generator;
  };

  void begin();
  void preload(const BenchOptions& stored);
  void on_preloaded(std::vector<LoadedQueue> loaded);
  void send(std::unique_ptr<Workload> workload);
  void pull(std::vector<LoadedQueue> loaded);
  LoadPlan plan() const;
  void take_usage(ProcessUsage UsagePair::* which);
  void part_over(LoadResult result, std::optional<LoadResult>& place);
  void end(const Error& error);

  io::Network& network_;
  io::EpollReactor& reactor_;
  BenchReport report_;
  std::function<void(const LoadSlice&)> watch_;
  std::optional<Error> failure_;
  std::optional<LoadResult> sent_;
  unsigned parts_under_way_ = 0;
  std::unique_ptr<Preload> preload_;
  std::unique_ptr<Deliveries> deliveries_;
  Part sends_;
  Part pulls_;  ///< Of a mixed load.
};

}  // namespace ogive::bench
