#include "bench/consume_workload.h"

#include <gtest/gtest.h>

#include <string>

#include "base/bytes.h"
#include "protocol/codes.h"

namespace ogive::bench {
namespace {

namespace code = protocol::response_code;
using protocol::Serialization;

/// So many records, of which only the lengths are true.
std::string records(unsigned count, std::size_t bytes) {
  std::string record(bytes, 'r');
  store_be(record.data(), static_cast<std::uint32_t>(bytes));
  std::string all;
  for (unsigned i = 0; i < count; ++i) all += record;
  return all;
}

std::string reply(Serialization header, std::int32_t code, std::string_view next, std::string_view body = {}) {
  io::OutBuffer out;
  protocol::FrameWriter writer(out, header, code, RequestTemplate::kFirstOpaque, protocol::kResponseFlag);
  writer.field("minOffset", 5);
  writer.field("nextBeginOffset", next);
  writer.field("maxOffset", 99);
  writer.finish(body);
  return take_bytes(out);
}

class PullReplies : public ::testing::TestWithParam<Serialization> {
 protected:
  ReplyNote take(ConsumeWorkload& workload, unsigned connection, std::int32_t code, std::string_view next,
                 std::string_view body = {}) {
    const std::string frame = reply(GetParam(), code, next, body);
    return workload.take(connection, 0, {code, RequestTemplate::kFirstOpaque}, as_bytes(frame));
  }
  /// The offset that the next pull of `connection` asks for.
  static std::int64_t asked(ConsumeWorkload& workload, unsigned connection) {
    io::OutBuffer out;
    workload.write(out, connection, 0, 0);
    const std::string bytes = take_bytes(out);
    protocol::Frame frame;
    EXPECT_TRUE(frame.decode(as_bytes(bytes)).has_value());
    return std::stoll(std::string(frame.find("queueOffset").value_or("-1")));
  }
};

INSTANTIATE_TEST_SUITE_P(Headers, PullReplies, ::testing::Values(Serialization::kJson, Serialization::kRocketmq));

TEST_P(PullReplies, TheNextOffsetIsFoundWithoutDecoding) {
  const std::string frame = reply(GetParam(), code::kSuccess, "12345", "123");
  EXPECT_EQ(next_offset(as_bytes(frame)), 12'345u);
  EXPECT_EQ(next_offset(as_bytes(frame).first(7)), std::nullopt);
  EXPECT_EQ(next_offset(as_bytes(reply(GetParam(), code::kSuccess, "soon"))), std::nullopt);
  io::OutBuffer out;
  protocol::FrameWriter(out, GetParam(), 0, 1, protocol::kResponseFlag).finish();
  EXPECT_EQ(next_offset(as_bytes(take_bytes(out))), std::nullopt);
}

TEST_P(PullReplies, WholeRecordsAreCounted) {
  EXPECT_EQ(records_in(as_bytes(reply(GetParam(), 0, "1"))), 0u);
  const std::string three = reply(GetParam(), 0, "1", records(3, 100));
  EXPECT_EQ(records_in(as_bytes(three)), 3u);
  EXPECT_EQ(records_in(as_bytes(three).first(three.size() - 1)), 2u) << "the last one is cut";
}

TEST_P(PullReplies, AConsumerGoesOnWhereTheReplySaysAndBeginsAgainAtTheEnd) {
  BenchOptions options;
  options.header = GetParam();
  options.connections = 2;
  options.queues = 1;
  options.batch = 32;
  ConsumeWorkload workload(options, {{1'000, 320}});
  EXPECT_EQ(asked(workload, 0), 1'000);
  const std::int64_t second = asked(workload, 1);
  EXPECT_NE(second, 1'000) << "connections are spread over the queue";

  const ReplyNote got = take(workload, 0, code::kSuccess, "1007", records(7, 120));
  EXPECT_EQ(got.answer, Answer::kDone);
  EXPECT_EQ(got.messages, 7u) << "not what was asked for at most";
  EXPECT_EQ(asked(workload, 0), 1'007);
  for (const std::int32_t none : {code::kPullNotFound, code::kPullRetryImmediately, code::kPullOffsetMoved}) {
    const ReplyNote nothing = take(workload, 0, none, "1100");
    EXPECT_EQ(nothing.answer, Answer::kEmpty);
    EXPECT_EQ(nothing.messages, 0u);
    EXPECT_EQ(asked(workload, 0), 1'100);
  }
  EXPECT_EQ(asked(workload, 1), second) << "every connection has a place of its own";
  EXPECT_EQ(take(workload, 0, code::kSuccess, "1320", records(1, 120)).answer, Answer::kDone);
  EXPECT_EQ(asked(workload, 0), 1'000);
}

TEST_P(PullReplies, OneConnectionForEachQueueReadsItFromItsBeginning) {
  BenchOptions options;
  options.header = GetParam();
  options.connections = 4;
  options.queues = 2;
  options.batch = 32;
  ConsumeWorkload workload(options, {{1'000, 320}, {70, 320}});
  EXPECT_EQ(asked(workload, 0), 1'000);
  EXPECT_EQ(asked(workload, 1), 70);
  EXPECT_NE(asked(workload, 2), 1'000);
  EXPECT_NE(asked(workload, 3), 70);
}

TEST_P(PullReplies, ABusyServerIsNotARefusal) {
  BenchOptions options;
  options.header = GetParam();
  options.queues = 1;
  ConsumeWorkload workload(options, {{0, 64}});
  EXPECT_EQ(take(workload, 0, code::kSystemBusy, "7").answer, Answer::kBusy);
  EXPECT_EQ(take(workload, 0, code::kSystemError, "7").answer, Answer::kRefused);
  EXPECT_EQ(asked(workload, 0), 0) << "neither moves the consumer";
  EXPECT_EQ(take(workload, 0, code::kSuccess, "?").answer, Answer::kRefused) << "nowhere to go on";
}

}  // namespace
}  // namespace ogive::bench
