#pragma once
// Load: connections that each keep a number of requests under way, or send at a rate.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/histogram.h"
#include "bench/workload.h"
#include "io/executor.h"
#include "io/network.h"

namespace ogive::bench {

/// A piece of the measured time.
struct LoadSlice {
  double until_s = 0;  ///< From the beginning of the measured time to the slice's end.
  std::uint64_t messages = 0;
  std::uint64_t p50_ns = 0;
  std::uint64_t p99_ns = 0;
  std::uint64_t max_ns = 0;
};

/// What was counted between the end of the warm-up and the end of the run.
struct LoadResult {
  std::uint64_t requests = 0;  ///< Answered ones, whatever the answer; one-way ones when they were written.
  std::uint64_t messages = 0;  ///< What they moved.
  std::uint64_t empty = 0;     ///< Of the requests: pulls that found nothing (Answer::kEmpty).
  std::uint64_t busy = 0;      ///< Of the requests: Answer::kBusy.
  std::uint64_t refused = 0;   ///< Of the requests: Answer::kRefused.
  std::uint64_t sent_bytes = 0;
  std::uint64_t received_bytes = 0;
  std::vector<LoadSlice> slices;  ///< In order, without a gap.
  std::uint64_t backlog = 0;      ///< At a rate: requests whose time had come and that could not be sent by the end.
  double seconds = 0;
  Histogram latency_ns;       ///< Of requests that did what they asked.
  std::string first_refusal;  ///< Code and remark; of a busy server when nothing was refused.
};

struct LoadPlan {
  io::Endpoint server;
  unsigned connections = 1;
  unsigned in_flight = 1;
  Milliseconds warm_up{1'000};
  Milliseconds measured{5'000};
  /// Requests a second of all connections together, sent at equal distances whether replies come or not, as far as
  /// in_flight allows; latency counts from the time a request was due. 0: the next request leaves when a reply comes.
  unsigned rate = 0;
  /// Nothing answers: without a rate, in_flight requests are written whenever a connection has passed on those before.
  bool one_way = false;
  /// At a rate: what is due within 0.1 ms is sent together, and the core is left to others meanwhile. Costs latency.
  bool asleep = false;
};

/// Opens the connections, runs the plan and reports once. Everything on the executor's thread; destroy it there, or
/// when the executor no longer runs.
class Generator {
 public:
  using Done = std::move_only_function<void(Result<LoadResult>)>;

  Generator(io::Network& network, io::Executor& executor, Workload& workload, const LoadPlan& plan);
  ~Generator();
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;

  /// `on_measure` is called when the warm-up ends, `done` at the end or at the first lost connection.
  void start(std::function<void()> on_measure, Done done);
  /// Calls `watch` with every slice of the measured time as it ends: each tenth of a second, less often in long runs.
  void watch(std::move_only_function<void(const LoadSlice&)> watch) { watch_ = std::move(watch); }

 private:
  class Connection;
  void on_connected(unsigned index, Result<std::unique_ptr<io::Stream>> stream);
  void begin();
  void pump();  ///< At a rate: sends what is due, and sees to it that it is called again.
  void send_due(std::int64_t now);
  std::int64_t due_ns(std::uint64_t number) const;
  void begin_measuring();
  void begin_slice();
  void end_slice();
  void finish();
  void fail_with(const Error& error);
  void note(const ReplyNote& note, std::int64_t latency_ns);
  void note_refusal(Answer answer, std::int32_t code, ByteView frame);

  io::Network& network_;
  io::Executor& executor_;
  Workload& workload_;
  const LoadPlan plan_;
  std::function<void()> on_measure_;
  Done done_;
  std::vector<std::unique_ptr<Connection>> connections_;
  unsigned connected_ = 0;
  bool measuring_ = false;
  bool over_ = false;
  std::int64_t measured_from_ns_ = 0;
  std::int64_t began_ns_ = 0;
  std::uint64_t next_request_ = 0;   ///< At a rate: requests sent so far.
  std::size_t next_connection_ = 0;  ///< At a rate: whose turn it is.
  io::TimerId timer_;
  std::move_only_function<void(const LoadSlice&)> watch_;
  Histogram slice_latency_ns_;        ///< Of the slice under way; the whole is merged of them.
  std::uint64_t slice_began_at_ = 0;  ///< Messages before it.
  io::TimerId slice_timer_;
  std::int64_t last_pump_ns_ = 0;
  io::TimerId pump_timer_;
  LoadResult result_;
  bool first_was_refused_ = false;  ///< And not only busy.
  protocol::Frame scratch_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< Shared with connects that may end after us.
};

}  // namespace ogive::bench
