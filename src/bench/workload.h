#pragma once
// What the generator sends: one type per task.

#include <cstdint>
#include <memory>
#include <vector>

#include "bench/bench_options.h"
#include "bench/request_template.h"
#include "io/out_buffer.h"

namespace ogive::bench {

/// Writes the requests of one run. One thread only.
class Workload {
 public:
  virtual ~Workload() = default;
  /// Appends the next request of `connection`, due at `due_ns` (monotonic); its reply will carry kFirstOpaque + slot.
  virtual void write(io::OutBuffer& out, unsigned connection, std::int32_t slot, std::int64_t due_ns) = 0;
  /// Messages that one request moves.
  virtual unsigned messages_per_request() const = 0;
};

/// Sends of code 310 or, for batches, 320 to the topics' queues in turn; every message has a unique key of its own: a
/// running number or, where deliveries are measured, the time it was due.
class ProduceWorkload final : public Workload {
 public:
  explicit ProduceWorkload(const BenchOptions& options);
  void write(io::OutBuffer& out, unsigned connection, std::int32_t slot, std::int64_t due_ns) override;
  unsigned messages_per_request() const override { return batch_; }

 private:
  const unsigned batch_;
  const bool keys_are_times_;
  std::uint64_t next_key_ = 1;
  std::size_t next_queue_ = 0;
  std::vector<RequestTemplate> queues_;  ///< Of every topic.
};

/// Where one queue's messages begin that a consume run may read over and over.
struct LoadedQueue {
  std::uint64_t begin = 0;
  std::uint64_t count = 0;  ///< At least a batch.
};

/// Pulls of code 11 that go through the loaded messages again and again, each connection on a queue and from a place of
/// its own.
class ConsumeWorkload final : public Workload {
 public:
  ConsumeWorkload(const BenchOptions& options, std::vector<LoadedQueue> queues);
  void write(io::OutBuffer& out, unsigned connection, std::int32_t slot, std::int64_t due_ns) override;
  unsigned messages_per_request() const override { return batch_; }

 private:
  const unsigned batch_;
  const std::vector<LoadedQueue> loaded_;
  std::vector<RequestTemplate> queues_;
  std::vector<std::uint64_t> positions_;  ///< By connection: messages read so far.
};

/// The same request again and again: route look-ups (105) and echoes.
class FixedWorkload final : public Workload {
 public:
  explicit FixedWorkload(RequestTemplate request) : request_(std::move(request)) {}
  void write(io::OutBuffer& out, unsigned, std::int32_t slot, std::int64_t) override { request_.write(out, slot, 0); }
  unsigned messages_per_request() const override { return 1; }

 private:
  const RequestTemplate request_;
};

/// A long poll of consumer group number `group`, with a place for the offset.
RequestTemplate poll_request(const BenchOptions& options, unsigned queue, unsigned group);
RequestTemplate route_request(const BenchOptions& options);
/// A binary frame of options.size bytes whose body begins with the wanted size of the reply frame.
RequestTemplate echo_request(const BenchOptions& options);

/// The body of a batch of options.batch messages with places for their keys (RequestTemplate::kHexPlace).
std::string batch_body(const BenchOptions& options);
/// Properties as a client writes them, with a place for the unique key.
std::string message_properties();

}  // namespace ogive::bench
