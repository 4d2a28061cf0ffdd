#pragma once
// Consumers that tell how long messages took to reach them.

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/error.h"
#include "base/histogram.h"
#include "bench/consume_workload.h"
#include "io/executor.h"
#include "io/network.h"
#include "message/record.h"

namespace ogive::bench {

/// What all groups together received between measure() and stop().
struct DeliveryResult {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;  ///< Of the reply frames.
  Histogram latency_ns;     ///< From when a message was due to be sent to when it had been read.
};

/// One connection a group, each with a long poll (code 11) on every queue, from where the queues ended at start().
/// Understands the messages of a ProduceWorkload whose keys are times (BenchOptions::task kDeliver). Everything on the
/// executor's thread.
class Deliveries {
 public:
  using Failed = std::move_only_function<void(const Error&)>;

  Deliveries(io::Network& network, io::Executor& executor, const BenchOptions& options,
             std::vector<LoadedQueue> queues);
  ~Deliveries();
  Deliveries(const Deliveries&) = delete;
  Deliveries& operator=(const Deliveries&) = delete;

  /// `ready` is called when the polls of all groups are under way, `failed` once at a refusal or a lost connection.
  void start(std::function<void()> ready, Failed failed);
  /// Counts from now on.
  void measure() { measuring_ = true; }
  /// Ends all polls.
  DeliveryResult stop();

 private:
  class Group;
  void on_connected(unsigned index, Result<std::unique_ptr<io::Stream>> stream);
  void fail_with(const Error& error);
  void note(const message::RecordView& record, std::int64_t now);

  io::Network& network_;
  io::Executor& executor_;
  const BenchOptions options_;
  const std::vector<LoadedQueue> queues_;
  std::function<void()> ready_;
  Failed failed_;
  std::vector<std::unique_ptr<Group>> groups_;
  unsigned connected_ = 0;
  bool measuring_ = false;
  bool over_ = false;
  DeliveryResult result_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< Shared with connects that may end after us.
};

}  // namespace ogive::bench
