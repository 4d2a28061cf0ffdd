// What the store does when the disk fails: it says so, stops acknowledging, goes on reading, and loses nothing it
// promised.

#include <gtest/gtest.h>

#include "store/sim_store_for_test.h"

namespace ogive::store {
namespace {

SimMessage numbered(int number) {
  return {.topic = number % 3 == 0 ? "TopicB" : "TopicA",
          .queue = number % 2,
          .body = "body " + std::to_string(number) + std::string(static_cast<std::size_t>(number % 7) * 40, 'x')};
}

/// Sends `count` messages, every fourth one waited for at the flushed mark; stops at the first refusal.
Status send_some(SimStore& process, SimLedger& ledger, int first, int count) {
  for (int i = first; i < first + count; ++i) {
    const SimMessage message = numbered(i);
    auto entry = process.append(message);
    if (!entry) return fail(std::move(entry).error());
    ledger.appended(message, entry->queue_offset.value());
    if (i % 4 != 0) continue;
    OGIVE_TRY(process.flush());
    ledger.flushed();
  }
  return {};
}

TEST(StoreFaults, AFailedSyncOfTheLogLatches) {
  sim::SimDisk disk(1);
  SimLedger ledger;
  SimStore process(disk);
  ASSERT_TRUE(process.open());
  ASSERT_TRUE(send_some(process, ledger, 0, 9));
  disk.add_fault({.op = sim::DiskOp::kSync, .path_contains = "commitlog", .os_error = EIO});
  ASSERT_TRUE(process.append(numbered(20)));
  const Status flushed = process.flush();
  ASSERT_FALSE(flushed);
  EXPECT_NE(flushed.error().message().find("flushing the commit log"), std::string::npos);
  ASSERT_TRUE(process.store->failure());
  EXPECT_EQ(process.store->failure()->message(), flushed.error().message());

  const std::uint64_t changes = disk.changes();
  const auto refused = process.append(numbered(21));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Errc::kIo);
  EXPECT_EQ(refused.error().message(), flushed.error().message());
  EXPECT_FALSE(process.flush());
  process.store->request_flush();
  process.world.run_for(Milliseconds(30'000));
  EXPECT_LE(disk.changes(), changes + 40) << "queue files may be written, the log may not";
  ledger.expect_all(process);
  EXPECT_FALSE(process.close());
}

TEST(StoreFaults, AFailedWriteToTheLogLatches) {
  sim::SimDisk disk(1);
  SimLedger ledger;
  SimStore process(disk);
  ASSERT_TRUE(process.open());
  ASSERT_TRUE(send_some(process, ledger, 0, 9));
  process.world.run_for(Milliseconds(50));  // The pre-writer has caught up.
  disk.add_fault({.op = sim::DiskOp::kWrite, .path_contains = "commitlog", .os_error = EIO});
  const auto refused = process.append(numbered(20));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("to the commit log"), std::string::npos);
  EXPECT_FALSE(process.append(numbered(21)));
  ledger.expect_all(process);
}

TEST(StoreFaults, AReadOnlyRemountIsAnErrorNotACrash) {
  sim::SimDisk disk(1);
  SimLedger ledger;
  {
    SimStore process(disk);
    ASSERT_TRUE(process.open());
    ASSERT_TRUE(send_some(process, ledger, 0, 9));
    disk.set_read_only(true);
    EXPECT_FALSE(send_some(process, ledger, 9, 200));
    process.world.run_for(Milliseconds(30'000));
    ledger.expect_all(process);
    EXPECT_FALSE(process.close());
  }
  SimStore refused(disk);
  EXPECT_FALSE(refused.open());
  disk.set_read_only(false);
  SimStore process(disk);
  ASSERT_TRUE(process.open());
  ledger.expect_all(process);
  ASSERT_TRUE(send_some(process, ledger, 300, 10));
}

TEST(StoreFaults, AFullDiskRefusesAndRecoversByItself) {
  sim::SimDisk disk(1);
  SimLedger ledger;
  SimStore process(disk);
  StoreOptions options = SimStore::small_options();
  options.segment_bytes = 64 << 10;
  options.prewrite_bytes = 32 << 10;
  ASSERT_TRUE(process.open(options));
  process.world.run_for(Milliseconds(100));
  disk.set_capacity(disk.used_bytes() + (256 << 10));
  Status status;
  int sent = 0;
  while (status && sent < 100'000) status = send_some(process, ledger, sent++, 1);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code(), Errc::kNoSpace) << status.error().message();
  EXPECT_FALSE(process.store->failure()) << process.store->failure()->message();
  ledger.expect_all(process);
  disk.set_capacity(1 << 30);
  process.world.run_for(Milliseconds(2'000));
  ASSERT_TRUE(send_some(process, ledger, sent, 50));
  ledger.expect_all(process);
}

/// One life with one fault at the n-th operation, a second one after it, and a power loss: nothing promised is lost.
void survive_fault(sim::DiskFault fault, std::uint64_t seed) {
  sim::SimDisk disk(seed);
  SimLedger ledger;
  const auto nth = fault.nth;
  {
    SimStore process(disk, seed);
    disk.add_fault(std::move(fault));
    if (process.open()) {
      Status status = send_some(process, ledger, 0, 40);
      if (status) status = send_some(process, ledger, 40, 30);
      ledger.expect_all(process);
      process.world.run_for(Milliseconds(1'500));
      if (status && nth % 2 == 0) static_cast<void>(process.close());
    }
  }
  disk.clear_faults();
  {
    SimStore process(disk, seed);
    const Status opened = process.open();
    EXPECT_TRUE(opened) << opened.error().message();
    if (!opened) return;
    ledger.expect_all(process);
    const Status sent = send_some(process, ledger, 100, 25);
    EXPECT_TRUE(sent) << sent.error().message();
    ledger.expect_all(process);
  }
  disk.power_loss();
  ledger.forget_unflushed();
  SimStore process(disk, seed);
  const Status opened = process.open();
  EXPECT_TRUE(opened) << opened.error().message();
  if (!opened) return;
  ledger.expect_all(process);
  EXPECT_TRUE(send_some(process, ledger, 200, 10));
  ledger.expect_all(process);
}

TEST(StoreFaults, NothingPromisedIsLostByAnErrorOfAnySystemCall) {
  for (const int error : {EIO, ENOSPC}) {
    for (std::uint64_t nth = 1; nth < 1'200; ++nth) {  // A life has about that many.
      SCOPED_TRACE(testing::Message() << "errno " << error << " at operation " << nth);
      survive_fault({.op = sim::DiskOp::kAny, .nth = nth, .os_error = error}, nth);
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(StoreFaults, NothingPromisedIsLostByAnErrorOfAnySync) {
  for (std::uint64_t nth = 1; nth < 60; ++nth) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      SCOPED_TRACE(testing::Message() << "sync " << nth << " seed " << seed);
      survive_fault({.op = sim::DiskOp::kSync, .path_contains = "commitlog", .nth = nth, .os_error = EIO}, seed);
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(StoreFaults, JumpsOfTheClockChangeNeitherOrderNorRecovery) {
  sim::SimDisk disk(1);
  SimLedger ledger;
  std::int64_t last_ms = 0;
  for (const auto jump : {0, -3'600'000, 86'400'000, -90'000'000, 5'000}) {
    SimStore process(disk);
    process.world.clock().step_wall(Milliseconds(jump));
    ASSERT_TRUE(process.open());
    ledger.expect_all(process);
    ASSERT_TRUE(send_some(process, ledger, static_cast<int>(ledger.size()), 10));
    process.world.clock().step_wall(Milliseconds(-jump / 2));
    ASSERT_TRUE(send_some(process, ledger, static_cast<int>(ledger.size()), 10));
    auto* queue = process.store->find_queue("TopicA", QueueId(0));
    for (std::int64_t at = 0; at < queue->max_offset().value(); ++at) {
      const auto time = process.store->store_time(*queue, QueueOffset(at));
      ASSERT_TRUE(time);
      if (at == queue->max_offset().value() - 1) {
        EXPECT_GE(*time, last_ms);
        last_ms = *time;
      }
    }
    if (jump % 2 == 0) {
      ASSERT_TRUE(process.close());
    }
  }
}

}  // namespace
}  // namespace ogive::store
