#include "protocol/batch.h"

#include <gtest/gtest.h>

#include "protocol/frame.h"
#include "protocol/golden_frames_for_test.h"

namespace ogive::protocol {
namespace {

TEST(Batch, RecordedBatchesAreReadAndWrittenAgain) {
  if (golden_frame_files().empty()) GTEST_SKIP() << "no recorded frames under " << golden_frame_directories();
  Frame frame;
  for_each_golden_frame([&](const GoldenFrame& golden) {
    SCOPED_TRACE(golden.where);
    ASSERT_TRUE(frame.decode(as_bytes(golden.raw)).has_value());
    if (frame.code != request_code::kSendBatchMessage || frame.is_response()) return;
    std::string again;
    BatchReader reader(frame.body);
    while (!reader.done()) {
      const auto item = reader.next();
      ASSERT_TRUE(item.has_value()) << item.error().message();
      append_batch_item(again, *item);
    }
    EXPECT_EQ(again, as_chars(frame.body));
  });
}

TEST(Batch, EveryTruncationIsRefused) {
  std::string batch;
  append_batch_item(batch, {1, as_bytes("body"), "K\x01V\x02"});
  append_batch_item(batch, {2, as_bytes(""), ""});
  const std::size_t first = 22 + 4 + 4;
  for (std::size_t size = 1; size < batch.size(); ++size) {
    BatchReader reader(as_bytes(std::string_view(batch).substr(0, size)));
    bool failed = false;
    while (!reader.done() && !failed) failed = !reader.next().has_value();
    EXPECT_EQ(failed, size != first) << size;
  }
}

TEST(Batch, LengthsBeyondTheBatchAreRefused) {
  std::string batch;
  append_batch_item(batch, {0, as_bytes("body"), "p"});
  for (const std::size_t at : {0u, 16u, 24u}) {
    std::string broken = batch;
    broken[at] = '\xff';
    const auto item = BatchReader(as_bytes(broken)).next();
    ASSERT_FALSE(item.has_value()) << at;
    EXPECT_EQ(item.error().code(), Errc::kCorrupt);
  }
}

}  // namespace
}  // namespace ogive::protocol
