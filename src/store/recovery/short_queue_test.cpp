// A queue whose files, or whose part of the log, lack more than a million entries against its noted end: what the log
// holds is found at its offsets, and no offset is given twice.

#include <gtest/gtest.h>

#include "store/queue/queue_ends.h"
#include "store/sim_store_for_test.h"

namespace ogive::store {
namespace {

constexpr const char* kEnds = "/store/queueends";
constexpr const char* kQueueFile = "/store/consumequeue/TopicA/0/00000000000000000000";
constexpr std::int64_t kMany = 1'200'000;

StoreOptions options() {
  StoreOptions made = SimStore::small_options();
  made.segment_bytes = 64 << 20;
  made.prewrite_bytes = 16 << 20;
  made.consume_queue_file_bytes = 80 << 20;
  made.recovered_entries_in_memory = 1 << 20;
  made.index_enabled = false;
  return made;
}

std::string body(std::int64_t number) {
  return std::to_string(number);
}

void send(SimStore& process, std::int64_t first, std::int64_t count) {
  std::vector<SimMessage> batch;
  for (std::int64_t i = first; i < first + count; ++i) {
    batch.push_back({.body = body(i)});
    if (batch.size() < 4'000 && i + 1 < first + count) continue;
    auto entries = process.append_all(batch);
    ASSERT_TRUE(entries) << entries.error().message();
    ASSERT_EQ(entries->back().queue_offset.value(), i);
    batch.clear();
  }
}

bool says(SimStore& process, std::string_view what) {
  return std::ranges::any_of(process.store->recovery().repairs,
                             [&](const std::string& text) { return text.contains(what); });
}

TEST(ShortQueue, AFileCutByAMillionEntriesIsMadeAnewFromTheLog) {
  sim::SimDisk disk(7);
  {
    SimStore process(disk);
    ASSERT_TRUE(process.open(options()));
    send(process, 0, kMany);
    ASSERT_TRUE(process.close());
  }
  for (const bool more_behind : {false, true}) {
    SCOPED_TRACE(more_behind);
    const std::int64_t end = kMany + (more_behind ? 100 : 0);
    {
      sim::SimFileSystem files(disk, system_clock());
      auto file = files.open(kQueueFile, io::OpenMode::kReadWrite);
      ASSERT_TRUE(file);
      ASSERT_TRUE((*file)->truncate(50 * 20));
    }
    SimStore process(disk);
    ASSERT_TRUE(process.open(options()));
    EXPECT_TRUE(says(process, "rebuilt from the whole log"));
    ConsumeQueue* queue = process.store->find_queue("TopicA", QueueId(0));
    EXPECT_EQ(queue->min_offset().value(), 0);
    EXPECT_EQ(queue->max_offset().value(), end);
    for (std::int64_t at = 0; at < end; at += 9'973) ASSERT_EQ(process.body_at("TopicA", 0, at), body(at));
    send(process, end, 100);  // Killed: these are behind the checkpoint.
    if (more_behind) {
      ASSERT_TRUE(process.close());
    }
  }
}

// The log has lost them as well: those before them are still in it.
TEST(ShortQueue, WhatTheLogHoldsBeforeAMillionLostMessagesStaysReadable) {
  sim::SimDisk disk(7);
  {
    SimStore process(disk);
    ASSERT_TRUE(process.open(options()));
    send(process, 0, 50);
    ASSERT_TRUE(process.close());
    sim::SimFileSystem files(disk, system_clock());
    auto ends = load_queue_ends(files, kEnds);
    ASSERT_TRUE(ends);
    ASSERT_EQ(ends->queues.size(), 1u);
    ends->queues[0].extent.end_offset = ends->queues[0].extent.end_place = kMany;
    ASSERT_TRUE(save_queue_ends(files, kEnds, *ends));
  }
  for (const bool first : {true, false}) {
    SCOPED_TRACE(first);
    SimStore process(disk);
    ASSERT_TRUE(process.open(options()));
    EXPECT_EQ(says(process, "has no records for offsets 50 to 1199999"), first);
    ConsumeQueue* queue = process.store->find_queue("TopicA", QueueId(0));
    EXPECT_EQ(queue->min_offset().value(), 0);
    for (std::int64_t at = 0; at < 50; ++at) ASSERT_EQ(process.body_at("TopicA", 0, at), body(at));
    process.world.run_for(Milliseconds(10'000));  // Every process's clock begins anew.
    if (first) send(process, kMany, 20);
    for (std::int64_t at = kMany; at < kMany + 20; ++at) ASSERT_EQ(process.body_at("TopicA", 0, at), body(at));
    const std::int64_t last_before = process.store->store_time(*queue, QueueOffset(49)).value();
    EXPECT_EQ(process.store->offset_by_time(*queue, last_before + 1, false)->value(), kMany);
    EXPECT_EQ(process.store->offset_by_time(*queue, last_before, true)->value(), 49);
    ASSERT_TRUE(process.close());
  }
}

}  // namespace
}  // namespace ogive::store
