// Queues in the middle of which the log has lost messages: fillers stand in their places, and whatever is searched for,
// nothing around them is hidden.

#include <gtest/gtest.h>

#include "store/log/segment.h"
#include "store/sim_store_for_test.h"

namespace ogive::store {
namespace {

constexpr int kMessages = 41;

/// Every message of one queue has a millisecond of its own. `lost` of them are destroyed in the log, and the queue is
/// made anew from what is left.
class QueueGap : public ::testing::TestWithParam<std::pair<int, int>> {
 protected:
  static StoreOptions options() {
    StoreOptions made = SimStore::small_options();
    made.retention.reserve_bytes = 0;
    made.retention.interval_ms = 1'000;
    made.index_enabled = false;
    return made;
  }
  static std::string body(int number) { return "message " + std::to_string(number) + "." + std::string(200, 'x'); }
  bool is_lost(int number) const { return number >= GetParam().first && number < GetParam().second; }

  void SetUp() override {
    {
      SimStore process(disk_);
      ASSERT_TRUE(process.open(options()));
      for (int i = 0; i < kMessages; ++i) {
        auto entry = process.append({.body = body(i)});
        ASSERT_TRUE(entry) << entry.error().message();
        places_.push_back(entry->physical_offset.value());
        times_.push_back(*process.store->store_time(queue(process), QueueOffset(i)));
        process.world.run_for(Milliseconds(7));
      }
      ASSERT_TRUE(process.close());
    }
    sim::SimFileSystem files(disk_, system_clock());
    const auto segment_bytes = static_cast<std::int64_t>(options().segment_bytes);
    for (int i = GetParam().first; i < GetParam().second; ++i) {
      const std::int64_t begin = places_[static_cast<std::size_t>(i)] / segment_bytes * segment_bytes;
      auto file = files.open("/store/commitlog/" + segment_name(begin), io::OpenMode::kReadWrite);
      ASSERT_TRUE(file);
      const auto at = static_cast<std::uint64_t>(places_[static_cast<std::size_t>(i)] - begin);
      ASSERT_TRUE((*file)->write_at(at + 120, as_bytes(std::string("damage"))));
    }
    const auto queue_files = files.list("/store/consumequeue/TopicA/0");
    ASSERT_TRUE(queue_files);
    for (const auto& info : *queue_files) ASSERT_TRUE(files.remove("/store/consumequeue/TopicA/0/" + info.name));
  }
  static ConsumeQueue& queue(SimStore& process) { return process.store->queue("TopicA", QueueId(0)); }
  void expect_rest(SimStore& process) {
    ASSERT_EQ(queue(process).min_offset().value(), 0);
    ASSERT_EQ(queue(process).max_offset().value(), kMessages);
    for (int i = 0; i < kMessages; ++i) {
      if (is_lost(i)) continue;
      ASSERT_EQ(process.body_at("TopicA", 0, i), body(i));
    }
  }

  sim::SimDisk disk_{3};
  std::vector<std::int64_t> places_, times_;
};

TEST_P(QueueGap, HidesNothingFromLaterStarts) {
  for (const bool orderly : {true, true, false, false, true}) {
    SimStore process(disk_);
    ASSERT_TRUE(process.open(options()));
    expect_rest(process);
    if (orderly) {
      ASSERT_TRUE(process.close());
    }
  }
}

TEST_P(QueueGap, OffsetsByTimeAreThoseOfMessagesThatAreThere) {
  SimStore process(disk_);
  ASSERT_TRUE(process.open(options()));
  for (std::int64_t at = times_.front() - 2; at <= times_.back() + 2; ++at) {
    std::int64_t lower = kMessages;
    std::int64_t upper = 0;
    for (int i = 0; i < kMessages; ++i) {
      if (is_lost(i)) continue;
      const std::int64_t time = times_[static_cast<std::size_t>(i)];
      if (time >= at) lower = std::min<std::int64_t>(lower, i);
      if (time <= at) upper = i;
    }
    EXPECT_EQ(process.store->offset_by_time(queue(process), at, false)->value(), lower) << at;
    EXPECT_EQ(process.store->offset_by_time(queue(process), at, true)->value(), upper) << at;
  }
}

TEST_P(QueueGap, RetentionStopsAtTheFirstMessageThatIsKept) {
  StoreOptions small = options();
  small.retention.max_bytes = 6 * small.segment_bytes;
  SimStore process(disk_);
  ASSERT_TRUE(process.open(small));
  int next = kMessages;
  // Until the log's begin has gone past everything of before.
  for (int round = 0; round < 40 && process.store->min_physical_offset().value() <= places_.back(); ++round) {
    for (int i = 0; i < 8; ++i) ASSERT_TRUE(process.append({.topic = "Other", .body = body(next++)}));
    process.world.run_for(Milliseconds(1'500));
    const std::int64_t log_begin = process.store->min_physical_offset().value();
    std::int64_t kept = kMessages;
    for (int i = kMessages - 1; i >= 0; --i) {
      if (!is_lost(i) && places_[static_cast<std::size_t>(i)] >= log_begin) kept = i;
    }
    ASSERT_EQ(queue(process).min_offset().value(), kept) << "the log begins at " << log_begin;
  }
  EXPECT_EQ(queue(process).min_offset().value(), kMessages);
}

// Where a bisection looks first, and elsewhere: in front, at the end but one, and in long runs.
INSTANTIATE_TEST_SUITE_P(Places, QueueGap,
                         ::testing::Values(std::pair(20, 21), std::pair(5, 36), std::pair(10, 11), std::pair(30, 31),
                                           std::pair(1, 3), std::pair(38, 40), std::pair(15, 25)));

}  // namespace
}  // namespace ogive::store
