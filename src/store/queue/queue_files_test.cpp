#include "store/queue/queue_files.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "testing/sim_disk.h"
#include "testing/sim_file_system.h"
#include "testing/sim_world.h"

namespace ogive::store {
namespace {

// A store has as many of these files as queues, each of 6 MB with mostly nothing in it: a start may not read the holes.
TEST(QueueFiles, LookingBehindTheLastEntryReadsNoHole) {
  sim::SimWorld world(1);
  sim::SimDisk disk(1);
  sim::SimFileSystem system(disk, world.clock(), &world);
  QueueFiles files(system, {"/queues", 300'000 * 20}, {"/batch", 46 * 100});
  ConsumeQueue queue("T", QueueId(0));
  std::vector<std::byte> entries(3 * QueueEntry::kBytes);
  for (int i = 0; i < 3; ++i) {
    QueueEntry{100 * i, 100, 0}.encode(entries.data() + static_cast<std::size_t>(i) * QueueEntry::kBytes);
  }
  ASSERT_TRUE(files.write(queue, 0, entries).has_value());
  disk.add_fault({.op = sim::DiskOp::kRead, .path_contains = "/queues", .nth = 3});
  const auto found = files.find_entry(queue, 3, [](const QueueEntry& entry) { return entry.is_set(); });
  ASSERT_TRUE(found.has_value()) << "a third piece was read: " << found.error().message();
  EXPECT_EQ(*found, -1);
}

// Syncing 80,000 files one after another takes minutes.
class ManyQueueFiles : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  static constexpr int kQueues = 20;
  void write_all() {
    std::vector<std::byte> entry(QueueEntry::kBytes);
    for (int i = 0; i < kQueues; ++i) {
      queues_.push_back(std::make_unique<ConsumeQueue>("T", QueueId(i)));
      QueueEntry{100 * i, 100, 0}.encode(entry.data());
      ASSERT_TRUE(files_.write(*queues_.back(), 0, entry).has_value());
    }
  }
  static std::string path(int queue) { return "/queues/T/" + std::to_string(queue) + "/00000000000000000000"; }

  sim::SimWorld world_{1};
  sim::SimDisk disk_{GetParam()};
  sim::SimFileSystem system_{disk_, world_.clock(), &world_};
  QueueFiles files_{system_, {"/queues", 100 * 20}, {"/batch", 46 * 100}, 4};
  std::vector<std::unique_ptr<ConsumeQueue>> queues_;
};

TEST_P(ManyQueueFiles, AreDurableTogether) {
  write_all();
  const std::uint64_t before = disk_.changes();
  ASSERT_TRUE(files_.sync().has_value());
  EXPECT_GE(disk_.changes() - before, static_cast<std::uint64_t>(kQueues)) << "nothing was synced before sync()";
  system_.die();
  disk_.power_loss();
  sim::SimFileSystem after(disk_, world_.clock(), &world_);
  for (int i = 0; i < kQueues; ++i) {
    const auto content = io::read_file(after, path(i), 1 << 20);
    ASSERT_TRUE(content.has_value()) << content.error().message();
    EXPECT_EQ(QueueEntry::decode(as_bytes(*content).data()).physical_offset, 100 * i);
  }
}

// Of one kind only, because the directory of the other could not be opened just then.
TEST_P(ManyQueueFiles, AreDurableBesideFilesThatCannotBeSyncedSo) {
  write_all();
  disk_.add_fault({.op = sim::DiskOp::kOpen, .path_contains = "/batch", .nth = 2, .os_error = EMFILE});
  ConsumeQueue batch("B", QueueId(0), QueueKind::kBatch);
  std::vector<std::byte> entry(BatchEntry::kBytes, std::byte{7});
  ASSERT_TRUE(files_.write(batch, 0, entry).has_value());
  ASSERT_TRUE(files_.sync().has_value());
  system_.die();
  disk_.power_loss();
  sim::SimFileSystem after(disk_, world_.clock(), &world_);
  const auto content = io::read_file(after, "/batch/B/0/00000000000000000000", 1 << 20);
  ASSERT_TRUE(content.has_value()) << content.error().message();
  EXPECT_EQ(content->substr(0, entry.size()), as_chars(entry));
}

TEST_P(ManyQueueFiles, AFailureOfAnyOfThemIsTold) {
  write_all();
  disk_.add_fault({.op = sim::DiskOp::kSync, .path_contains = path(3)});  // Long closed.
  EXPECT_FALSE(files_.sync().has_value());
}

// Power loss keeps and drops what is unsynced as the seed decides.
INSTANTIATE_TEST_SUITE_P(Disks, ManyQueueFiles, ::testing::Range<std::uint64_t>(1, 21));

}  // namespace
}  // namespace ogive::store
