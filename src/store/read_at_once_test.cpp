// Reads that may not wait for the disk: what they answer is what a waiting read answers, or nothing.

#include "store/sim_store_for_test.h"

namespace ogive::store {
namespace {

constexpr int kMessages = 60;  // Several files of either kind.

class ReadAtOnceTest : public ::testing::TestWithParam<bool> {
 protected:
  static sim::DiskOptions disk_options(bool page_cache) {
    sim::DiskOptions options;
    options.page_cache = page_cache;
    return options;
  }
  /// Sends, and starts anew: then nothing is in the store's own memory.
  void fill() {
    {
      SimStore before(disk_, 1);
      ASSERT_TRUE(before.open());
      for (int i = 0; i < kMessages; ++i) ASSERT_TRUE(before.append({.body = body(i)}));
      ASSERT_TRUE(before.close());
    }
    ASSERT_TRUE(process_.open());
  }
  static std::string body(int number) { return std::string(200, static_cast<char>('a' + number % 26)); }
  ReadResult read(int offset, bool wait) {
    ReadRequest request;
    request.offset = QueueOffset(offset);
    request.max_messages = 4;
    request.wait = wait;
    return process_.store->read(*process_.store->find_queue("TopicA", QueueId(0)), request);
  }
  static std::string bytes_of(const ReadResult& result) {
    std::string bytes;
    std::array<ByteView, 16> pieces;
    const std::size_t count = result.records.peek(pieces);
    for (std::size_t i = 0; i < count; ++i) bytes += as_chars(pieces[i]);
    return bytes;
  }

  sim::SimDisk disk_{1, disk_options(GetParam())};
  SimStore process_{disk_, 2};
};

TEST_P(ReadAtOnceTest, GivesWhatAWaitingReadGivesOrNothing) {
  fill();
  int found = 0, blocked = 0;
  for (int round = 0; round < 3; ++round) {
    for (int offset = 0; offset + 4 < kMessages; ++offset) {
      const ReadResult at_once = read(offset, false);
      const ReadResult waited = read(offset, true);
      ASSERT_EQ(waited.status, ReadStatus::kFound);
      if (at_once.status == ReadStatus::kWouldBlock) {
        ++blocked;
        EXPECT_TRUE(at_once.records.empty());
        continue;
      }
      ++found;
      ASSERT_EQ(at_once.status, ReadStatus::kFound);
      EXPECT_EQ(at_once.next_offset, waited.next_offset);
      EXPECT_EQ(bytes_of(at_once), bytes_of(waited));
    }
  }
  EXPECT_GT(blocked, 0);
  EXPECT_EQ(found > 0, GetParam());
}

// What is damaged is told at once: waiting would not mend it.
TEST_P(ReadAtOnceTest, GivesNoDamagedRecord) {
  fill();
  {
    auto log = process_.files.open("/store/commitlog/00000000000000000000", io::OpenMode::kReadWrite);
    ASSERT_TRUE(log);
    ASSERT_TRUE((*log)->write_at(150, as_bytes("#")));
  }
  ASSERT_EQ(read(0, true).status, ReadStatus::kFailed);
  int told = 0;
  for (int i = 0; i < 6; ++i) {
    const ReadResult at_once = read(0, false);
    ASSERT_TRUE(at_once.status == ReadStatus::kFailed || at_once.status == ReadStatus::kWouldBlock);
    if (at_once.status == ReadStatus::kFailed) ++told;
  }
  EXPECT_EQ(told > 0, GetParam());
}

INSTANTIATE_TEST_SUITE_P(Disks, ReadAtOnceTest, ::testing::Values(false, true),
                         [](const auto& each) { return each.param ? "WithPageCache" : "WithoutPageCache"; });

}  // namespace
}  // namespace ogive::store
