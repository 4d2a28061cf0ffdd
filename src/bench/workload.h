#pragma once
// What the generator sends: one type per task.

#include <cstdint>
#include <memory>
#include <vector>

#include "bench/bench_options.h"
#include "bench/request_template.h"
#include "io/out_buffer.h"

namespace ogive::bench {

/// What a reply is to the one who asked.
enum class Answer : std::uint8_t {
  kDone,    ///< It did what was asked.
  kEmpty,   ///< A pull found no message (codes 19, 20, 21): a client asks again from the offset that the reply tells.
  kBusy,    ///< The server sheds load (code 2): a client tries again.
  kRefused  ///< Anything else.
};

struct ReplyNote {
  Answer answer = Answer::kDone;
  unsigned messages = 0;  ///< Moved by the request; 0 unless kDone.
};

/// Writes the requests of one run, and reads their replies. One thread only.
class Workload {
 public:
  virtual ~Workload() = default;
  /// Appends the next request of `connection`, due at `due_ns` (monotonic); its reply will carry kFirstOpaque + slot.
  virtual void write(io::OutBuffer& out, unsigned connection, std::int32_t slot, std::int64_t due_ns) = 0;
  /// Takes the whole reply to the request that `connection` wrote last with `slot`.
  virtual ReplyNote take(unsigned connection, std::int32_t slot, const ReplyView& reply, ByteView frame);
  /// Messages that one request moves at most.
  virtual unsigned messages_per_request() const = 0;
};

/// Sends of code 310 or, for batches, 320 to the topics' queues in turn, of sizes as they are drawn; every message has
/// a unique key of its own: a running number or, where deliveries are measured, the time it was due.
class ProduceWorkload final : public Workload {
 public:
  explicit ProduceWorkload(const BenchOptions& options);
  void write(io::OutBuffer& out, unsigned connection, std::int32_t slot, std::int64_t due_ns) override;
  unsigned messages_per_request() const override { return batch_; }

 private:
  const unsigned batch_;
  const bool keys_are_times_;
  const SizeMix sizes_;
  const std::size_t largest_;
  Random random_;
  std::uint64_t next_key_ = 1;
  std::size_t next_queue_ = 0;
  std::vector<RequestTemplate> queues_;  ///< Of every topic.
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

RequestTemplate route_request(const BenchOptions& options);
/// A binary frame of options.size bytes whose body begins with the wanted size of the reply frame.
RequestTemplate echo_request(const BenchOptions& options);

/// The body of a batch of options.batch messages with places for their keys (RequestTemplate::kHexPlace).
std::string batch_body(const BenchOptions& options);
/// Properties as a client writes them, with places for the unique key and, with options.keys, for the key.
std::string message_properties(const BenchOptions& options);

}  // namespace ogive::bench
