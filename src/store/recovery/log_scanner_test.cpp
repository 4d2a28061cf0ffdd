// The search for records in logs that are mostly holes or zeros.

#include "store/recovery/log_scanner.h"

#include <gtest/gtest.h>

#include "store/log/segment.h"
#include "testing/sim_disk.h"
#include "testing/sim_file_system.h"
#include "testing/sim_world.h"

namespace ogive::store {
namespace {

constexpr std::int64_t kSegmentBytes = 1 << 30;

std::vector<std::byte> record_for(std::int64_t offset, std::size_t body_bytes = 100) {
  const std::string body(body_bytes, 'b');
  message::RecordFields fields;
  fields.topic = "TopicA";
  fields.body = as_bytes(body);
  fields.born_host = fields.store_host = *io::Endpoint::parse("10.0.0.1:1");
  std::vector<std::byte> bytes(message::encoded_size(fields));
  message::encode_record(fields, bytes.data());
  store_be(bytes.data() + message::kPhysicalOffsetPosition, offset);
  return bytes;
}

/// Two segments of a gigabyte, empty so far.
class LogScannerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::vector<std::string> repairs;
    ASSERT_TRUE(segments_.load(repairs));
    ASSERT_TRUE(segments_.create_next());
    ASSERT_TRUE(segments_.create_next());
  }
  void put(std::int64_t offset, ByteView bytes) {
    const auto segment = segments_.find(offset);
    ASSERT_TRUE(segment->file->write_at(static_cast<std::uint64_t>(offset - segment->begin), bytes));
  }
  std::int64_t find(std::int64_t from, std::int64_t limit = 2 * kSegmentBytes) {
    auto found = LogScanner(segments_).find_record(from, limit);
    EXPECT_TRUE(found) << found.error().message();
    return found ? *found : -1;
  }

  sim::SimWorld world_{1};
  sim::SimDisk disk_{1};
  sim::SimFileSystem files_{disk_, world_.clock(), &world_};
  SegmentList segments_{files_, {"/log", ""}, kSegmentBytes};
};

TEST_F(LogScannerTest, ReadsNoHole) {
  disk_.add_fault({.op = sim::DiskOp::kRead, .path_contains = "/log"});
  EXPECT_EQ(find(0), 2 * kSegmentBytes);
  disk_.clear_faults();
  const std::int64_t place = kSegmentBytes + (700 << 20) + 123;
  put(place, record_for(place));
  disk_.add_fault({.op = sim::DiskOp::kRead, .path_contains = "/log", .nth = 3});
  EXPECT_EQ(find(0), place) << "more was read than the place itself and the record";
  disk_.clear_faults();
  EXPECT_EQ(find(0, place), place) << "the limit is where it lies";
}

// After a crash the first page of a record may never have reached the device, while all it would hold is zeros.
TEST_F(LogScannerTest, SeesARecordThatBeginsInAHole) {
  for (const auto& [hidden, body_bytes] : {std::pair{1, 100'000}, std::pair{2, 1'000}, std::pair{3, 20}}) {
    const std::int64_t place = (std::int64_t{hidden} << 20) - hidden;
    const auto record = record_for(place, static_cast<std::size_t>(body_bytes));
    const ByteView zeros = ByteView(record).first(static_cast<std::size_t>(hidden));
    ASSERT_TRUE(std::ranges::all_of(zeros, [](std::byte byte) { return byte == std::byte{0}; }));
    put(place + hidden, ByteView(record).subspan(zeros.size()));
    EXPECT_EQ(find(place - 100), place) << hidden;
  }
}

TEST_F(LogScannerTest, FindsARecordAtEveryPlaceOfAStep) {
  // Zeros, and the first byte of a record's magic everywhere: nothing may be passed over.
  for (const std::byte fill : {std::byte{0}, std::byte{0xDA}}) {
    for (const std::int64_t place : {1L, 65'500L, 65'501L, 65'535L, 65'536L, 131'001L, 200'003L}) {
      put(0, std::vector<std::byte>(300'000, fill));
      put(place, record_for(place));
      EXPECT_EQ(find(0), place);
      EXPECT_EQ(find(place), place);
      EXPECT_EQ(find(place + 1), 2 * kSegmentBytes);
    }
  }
}

TEST_F(LogScannerTest, PassesOverWhatOnlyLooksLikeARecord) {
  put(1'000, record_for(2'000));  // Belongs elsewhere.
  auto torn = record_for(5'000);
  torn.back() = std::byte{0xff};
  torn[100] ^= std::byte{1};
  put(5'000, torn);
  put(9'000, record_for(9'000));
  EXPECT_EQ(find(0), 9'000);
}

}  // namespace
}  // namespace ogive::store
