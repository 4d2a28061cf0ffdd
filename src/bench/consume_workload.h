#pragma once
// Pulls, and what their replies say.

#include <cstdint>
#include <optional>
#include <vector>

#include "bench/workload.h"

namespace ogive::bench {

/// Where one queue's messages begin that a consume run may read over and over.
struct LoadedQueue {
  std::uint64_t begin = 0;
  std::uint64_t count = 0;  ///< At least a batch.
};

/// Pulls of code 11 as a client sends them, ready to wait for messages, that go through the loaded messages again and
/// again. The first connection of each queue begins at its beginning, every other slot at a place of its
/// own; each goes on where its replies tell it to.
class ConsumeWorkload final : public Workload {
 public:
  ConsumeWorkload(const BenchOptions& options, std::vector<LoadedQueue> queues);
  void write(io::OutBuffer& out, unsigned connection, std::int32_t slot, std::int64_t due_ns) override;
  ReplyNote take(unsigned connection, std::int32_t slot, const ReplyView& reply, ByteView frame) override;
  unsigned messages_per_request() const override { return batch_; }

 private:
  std::uint64_t& position(unsigned connection, std::int32_t slot);

  const unsigned batch_;
  const unsigned in_flight_;
  const std::vector<LoadedQueue> loaded_;
  std::vector<RequestTemplate> queues_;
  std::vector<std::uint64_t> positions_;  ///< By connection and slot: offsets.
};

/// A long poll of consumer group number `group`, with a place for the offset.
RequestTemplate poll_request(const BenchOptions& options, unsigned queue, unsigned group);

/// Whether a reply's code says that there was no message, and its nextBeginOffset where to ask for one.
bool is_empty_pull(std::int32_t code);
/// nextBeginOffset of a pull's reply, without decoding the other fields.
std::optional<std::uint64_t> next_offset(ByteView frame);
/// How many records a pull's reply holds; whole ones, as far as their lengths agree with the body's.
unsigned records_in(ByteView frame);

}  // namespace ogive::bench
