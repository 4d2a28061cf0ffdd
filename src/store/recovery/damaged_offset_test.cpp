// A record whose queue offset is damaged, which no CRC covers: it is missing, and nothing else of its queue is.

#include <gtest/gtest.h>

#include "store/log/segment.h"
#include "store/sim_store_for_test.h"

namespace ogive::store {
namespace {

constexpr int kMessages = 60;

std::string body_of(int number) {
  return "body " + std::to_string(number);
}

void write_offset(io::FileSystem& files, std::int64_t record, std::int64_t offset) {
  const std::int64_t segment_bytes = static_cast<std::int64_t>(SimStore::small_options().segment_bytes);
  const std::int64_t begin = record - record % segment_bytes;
  auto file = files.open("/store/commitlog/" + segment_name(begin), io::OpenMode::kReadWrite);
  ASSERT_TRUE(file);
  std::array<std::byte, 8> bytes{};
  store_be(bytes.data(), offset);
  ASSERT_TRUE(
      (*file)->write_at(static_cast<std::uint64_t>(record - begin) + message::kQueueOffsetPosition, ByteView(bytes)));
}

/// Sixty messages in one queue, the record of `damaged` says `claim`; then two lives that miss that one only.
void expect_others(int damaged, std::int64_t claim, bool lose_queues) {
  SCOPED_TRACE("message " + std::to_string(damaged) + " says " + std::to_string(claim));
  sim::SimDisk disk(3);
  std::vector<std::int64_t> places;
  {
    SimStore process(disk);
    ASSERT_TRUE(process.open());
    for (int i = 0; i < kMessages; ++i) {
      auto entry = process.append({.body = body_of(i)});
      ASSERT_TRUE(entry);
      places.push_back(entry->physical_offset.value());
    }
    ASSERT_TRUE(process.flush());
  }
  {
    sim::SimFileSystem files(disk, system_clock());
    write_offset(files, places[static_cast<std::size_t>(damaged)], claim);
    if (lose_queues) {
      auto listed = files.list("/store/consumequeue/TopicA/0");
      if (listed) {
        for (const auto& info : *listed) {
          ASSERT_TRUE(files.remove("/store/consumequeue/TopicA/0/" + info.name));
        }
      }
    }
  }
  for (int life = 0; life < 2; ++life) {
    SimStore process(disk);
    ASSERT_TRUE(process.open());
    for (int i = 0; i < kMessages; ++i) {
      if (i == damaged) {
        EXPECT_NE(process.body_at("TopicA", 0, i), body_of(i));
      } else {
        EXPECT_EQ(process.body_at("TopicA", 0, i), body_of(i)) << "in life " << life;
      }
    }
    auto next = process.append({.body = "new"});
    ASSERT_TRUE(next);
    EXPECT_EQ(next->queue_offset.value(), kMessages + life);
    ASSERT_TRUE(process.close());
  }
}

TEST(DamagedOffset, HidesNothingElse) {
  for (const bool lose_queues : {true, false}) {
    for (const std::int64_t claim : {0l, 1l, 19l, 21l, 22l, 52l, 1l << 20, 1l << 40, 1l << 62}) {
      expect_others(20, claim, lose_queues);
    }
  }
}

TEST(DamagedOffset, OfTheLastButOne) {
  for (const std::int64_t claim : {0l, 3l, 59l, 60l, 90l, 1l << 50}) expect_others(58, claim, true);
}

// Nothing follows that could tell: the offset counts as given, unless the gap would be absurd.
TEST(DamagedOffset, OfTheLast) {
  expect_others(59, 1l << 50, true);
}

}  // namespace
}  // namespace ogive::store
