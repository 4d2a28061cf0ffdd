#include "bench/consume_workload.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <string>

#include "base/bytes.h"
#include "base/check.h"
#include "protocol/codes.h"

namespace ogive::bench {
namespace {

namespace code = protocol::response_code;

constexpr std::string_view kGroup = "OGIVE_BENCH";
constexpr std::int64_t kSubscriptionVersion = 1'700'000'000'000;
constexpr std::int32_t kSuspendBit = 2;
constexpr std::int32_t kSubscriptionBit = 4;  ///< The pull brings its subscription: no heartbeat is needed.
constexpr std::int64_t kPollMs = 15'000;
constexpr unsigned kPolledAtOnce = 32;
constexpr std::uint64_t kSpreadPrime = 7'919;
constexpr std::string_view kNextOffsetName = "nextBeginOffset";
constexpr std::size_t kRecordHeadBytes = 8;  ///< Length and magic.

RequestTemplate pull_request(const BenchOptions& options, std::int32_t queue, std::string_view group) {
  io::OutBuffer out;
  protocol::FrameWriter writer(out, options.header, protocol::request_code::kPullMessage, RequestTemplate::kFirstOpaque,
                               0);
  writer.field("consumerGroup", group);
  writer.field("topic", options.topic);
  writer.field("queueId", queue);
  writer.field("queueOffset", RequestTemplate::kDecimalPlace);
  writer.field("maxMsgNums", options.batch);
  writer.field("sysFlag", kSubscriptionBit | kSuspendBit);
  writer.field("commitOffset", 0);
  writer.field("suspendTimeoutMillis", kPollMs);
  writer.field("subscription", "*");
  writer.field("subVersion", kSubscriptionVersion);
  writer.field("expressionType", "TAG");
  writer.finish();
  return RequestTemplate(take_bytes(out), options.header);
}

/// Bytes of prefix and header; 0 when the frame is shorter.
std::size_t head_bytes(ByteView frame) {
  if (frame.size() < protocol::kFramePrefixBytes) return 0;
  const std::size_t bytes = protocol::kFramePrefixBytes + (load_be<std::uint32_t>(frame.data() + 4) & 0xffffff);
  return bytes <= frame.size() ? bytes : 0;
}

}  // namespace

bool is_empty_pull(std::int32_t code) {
  return code == code::kPullNotFound || code == code::kPullRetryImmediately || code == code::kPullOffsetMoved;
}

std::optional<std::uint64_t> next_offset(ByteView frame) {
  const std::size_t bytes = head_bytes(frame);
  if (bytes == 0) return std::nullopt;
  const std::string_view header =
      as_chars(frame.subspan(protocol::kFramePrefixBytes, bytes - protocol::kFramePrefixBytes));
  const std::size_t name = header.find(kNextOffsetName);
  if (name == std::string_view::npos) return std::nullopt;
  // Behind the name: the value's length as four bytes in binary headers, else quotation marks and a colon.
  const bool binary = frame[4] != std::byte{0};
  const std::size_t value = name + kNextOffsetName.size() + (binary ? 4 : std::string_view("\":\"").size());
  if (value >= header.size()) return std::nullopt;
  const char* end = header.data() + header.size();
  if (binary)
    end = std::min(
        end, header.data() + value + load_be<std::uint32_t>(frame.data() + protocol::kFramePrefixBytes + value - 4));
  std::uint64_t offset = 0;
  if (std::from_chars(header.data() + value, end, offset).ec != std::errc()) return std::nullopt;
  return offset;
}

unsigned records_in(ByteView frame) {
  const std::size_t head = head_bytes(frame);
  if (head == 0) return 0;
  unsigned records = 0;
  for (ByteView rest = frame.subspan(head); rest.size() >= kRecordHeadBytes; ++records) {
    const auto size = load_be<std::uint32_t>(rest.data());
    if (size < kRecordHeadBytes || size > rest.size()) break;
    rest = rest.subspan(size);
  }
  return records;
}

RequestTemplate poll_request(const BenchOptions& options, unsigned queue, unsigned group) {
  BenchOptions polls = options;
  polls.batch = kPolledAtOnce;
  return pull_request(polls, static_cast<std::int32_t>(queue), fmt::format("{}_{}", kGroup, group));
}

ConsumeWorkload::ConsumeWorkload(const BenchOptions& options, std::vector<LoadedQueue> queues)
    : batch_(options.batch), in_flight_(options.in_flight), loaded_(std::move(queues)) {
  for (unsigned queue = 0; queue < options.queues; ++queue) {
    OGIVE_CHECK(loaded_.at(queue).count >= batch_);
    queues_.push_back(pull_request(options, static_cast<std::int32_t>(queue), kGroup));
  }
  for (unsigned i = 0; i < options.connections * in_flight_; ++i) {
    const std::size_t connection = i / in_flight_;
    const LoadedQueue& loaded = loaded_[connection % queues_.size()];
    // The first on each queue at its beginning, as a group that catches up; others wherever.
    const std::size_t nth = connection / queues_.size() * in_flight_ + i % in_flight_;
    positions_.push_back(loaded.begin + nth * kSpreadPrime % (loaded.count / batch_) * batch_);
  }
}

std::uint64_t& ConsumeWorkload::position(unsigned connection, std::int32_t slot) {
  return positions_[std::size_t{connection} * in_flight_ + static_cast<std::size_t>(slot)];
}

void ConsumeWorkload::write(io::OutBuffer& out, unsigned connection, std::int32_t slot, std::int64_t) {
  queues_[connection % queues_.size()].write(out, slot, position(connection, slot));
}

ReplyNote ConsumeWorkload::take(unsigned connection, std::int32_t slot, const ReplyView& reply, ByteView frame) {
  const bool empty = is_empty_pull(reply.code);
  if (reply.code != code::kSuccess && !empty) return Workload::take(connection, slot, reply, frame);
  const auto next = next_offset(frame);
  if (!next) return {Answer::kRefused, 0};
  const LoadedQueue& loaded = loaded_[connection % queues_.size()];
  position(connection, slot) = *next >= loaded.begin && *next < loaded.begin + loaded.count ? *next : loaded.begin;
  if (empty) return {Answer::kEmpty, 0};
  return {Answer::kDone, records_in(frame)};
}

}  // namespace ogive::bench
