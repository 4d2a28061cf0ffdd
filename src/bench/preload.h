#pragma once
// Stores the messages that a consume run reads.

#include <functional>
#include <memory>
#include <vector>

#include "bench/consume_workload.h"
#include "remoting/client.h"

namespace ogive::bench {

/// Sends batches, one after the other, until every queue has its share of options.preload, and waits until consumers
/// can see all of it: some brokers make their queues' entries later. Lives on `executor`.
class Preload {
 public:
  using Done = std::move_only_function<void(Result<std::vector<LoadedQueue>>)>;

  Preload(io::Network& network, io::Executor& executor, const BenchOptions& options);
  ~Preload() { *alive_ = false; }
  Preload(const Preload&) = delete;
  Preload& operator=(const Preload&) = delete;
  /// `done` is called once; the object may be destroyed from the next turn on.
  void start(Done done);

 private:
  void send_next();
  void on_reply(Result<const protocol::Frame*> reply);
  void look();
  void on_seen(Result<const protocol::Frame*> reply);

  io::Executor& executor_;
  const BenchOptions options_;
  remoting::Client client_;
  const std::string body_;
  std::uint64_t per_queue_;  ///< A multiple of the batch.
  Done done_;
  unsigned queue_ = 0;
  unsigned looks_ = 0;
  std::vector<LoadedQueue> loaded_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< Shared with the timer.
};

}  // namespace ogive::bench
