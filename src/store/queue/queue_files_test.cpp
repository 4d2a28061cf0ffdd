#include "store/queue/queue_files.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace ogive::store
