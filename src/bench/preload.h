#pragma once
// Stores the messages that a consume run reads.

#include <functional>
#include <memory>
#include <vector>

#include "bench/consume_workload.h"
#include "protocol/codes.h"
#include "remoting/client.h"

namespace ogive::bench {

/// Sends batches, one after the other, until every queue has its share of options.preload, and waits until consumers
/// can see all of it: some brokers make their queues' entries later. With none to send it asks what the queues hold.
/// Lives on `executor`.
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
  void ask_offset(std::int32_t code, void (Preload::*take)(std::int64_t));
  void on_begin(std::int64_t begin);
  void on_end(std::int64_t end);
  void on_reply(Result<const protocol::Frame*> reply);
  void look() { ask_offset(protocol::request_code::kGetMaxOffset, &Preload::on_seen); }
  void on_seen(std::int64_t end);

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
