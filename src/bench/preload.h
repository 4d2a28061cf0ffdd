#pragma once
// Stores the messages that a consume run reads.

#include <functional>
#include <memory>
#include <vector>

#include "bench/consume_workload.h"
#include "remoting/client.h"

namespace ogive::bench {

/// Sends batches, one after the other, until every queue has its share of options.preload. Lives on `executor`.
class Preload {
 public:
  using Done = std::move_only_function<void(Result<std::vector<LoadedQueue>>)>;

  Preload(io::Network& network, io::Executor& executor, const BenchOptions& options);
  /// `done` is called once; the object may be destroyed from the next turn on.
  void start(Done done);

 private:
  void send_next();
  void on_reply(Result<const protocol::Frame*> reply);

  const BenchOptions options_;
  remoting::Client client_;
  const std::string body_;
  std::uint64_t per_queue_;  ///< A multiple of the batch.
  Done done_;
  unsigned queue_ = 0;
  std::vector<LoadedQueue> loaded_;
};

}  // namespace ogive::bench
