#pragma once
// A producer as real ones are: sends on and on, several at a time, retries on other queues, and remembers every answer.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "testing/cluster/history.h"
#include "testing/cluster/sim_client.h"

namespace ogive::sim {

struct ProducerOptions {
  std::string group = "producers";
  std::vector<std::string> topics;
  std::vector<std::string> tags = {"TagA", "TagB", "TagC"};
  std::vector<std::int64_t> delay_level_ms;  ///< Levels 1, 2, … that the broker has; empty: nothing is delayed.
  unsigned max_pause_ms = 40;
  unsigned delayed_percent = 5;
  unsigned batch_percent = 10;
  unsigned impatient_percent = 10;  ///< Sent with WAIT=false.
  unsigned large_percent = 3;
  std::size_t large_bytes = 20'000;
  std::size_t max_in_flight = 32;
  int attempts = 3;  ///< As DefaultMQProducer: one, and two retries.
  Milliseconds timeout{3'000};
  bool sync_flush = false;  ///< What the broker is configured to: decides what an answer promises.
};

/// Lives in a node's program; what it did stays in the history when it dies.
class SimProducer {
 public:
  SimProducer(SimNode& node, std::vector<io::Endpoint> name_servers, History& history, ProducerOptions options);

  void start();
  /// No new messages; those under way are ended. Then finish() decides.
  void pause() { running_ = false; }
  /// Sends one message to the first topic, again and again until it is acknowledged. The others stay as they are: what
  /// they hold must be there without anybody's help.
  void finish();
  bool idle() const { return in_flight_ == 0 && unfinished_ == 0; }

 private:
  struct Sending {
    std::vector<std::uint64_t> ids;  ///< More than one: a batch.
    std::string topic;
    bool impatient = false;
    std::int32_t delay_level = 0;
    bool must_succeed = false;
    int attempt = 0;
  };
  using SendingRef = std::shared_ptr<Sending>;  // Shared by the callbacks of its attempts.

  void tick();
  void create(const std::string& topic);
  void attempt(const SendingRef& sending);
  void try_later(const SendingRef& sending);
  remoting::Message request(const Sending& sending, std::int32_t queue);
  void on_reply(const SendingRef& sending, const QueueName& queue, const Result<Reply>& reply);
  void end(const SendingRef& sending);

  SimClient client_;
  History& history_;
  const ProducerOptions options_;
  bool running_ = false;
  std::size_t in_flight_ = 0;
  std::size_t unfinished_ = 0;
};

}  // namespace ogive::sim
