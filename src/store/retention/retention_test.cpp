#include <gtest/gtest.h>

#include "store/sim_store_for_test.h"

namespace ogive::store {
namespace {

constexpr std::int64_t kHour = 3'600'000;

std::vector<OldFile> three_files() {
  return {{0, 100, 1 * kHour}, {100, 200, 2 * kHour}, {200, 300, 3 * kHour}};
}

RetentionView view_of(const std::vector<OldFile>& files) {
  RetentionView view;
  view.files = files;
  view.log_bytes = 350;
  view.used_percent = 10;
  view.hour = 12;
  return view;
}

TEST(RetentionPolicy, AgeCountsAtAnyHourUnlessOneIsNamed) {
  const auto files = three_files();
  RetentionView view = view_of(files);
  view.now_ms = 74 * kHour + 1;
  RetentionSettings settings;
  EXPECT_EQ(decide_retention(settings, view).begin, 200);
  settings.hours = {4};
  EXPECT_EQ(decide_retention(settings, view).begin, 0);
  view.hour = 4;
  EXPECT_EQ(decide_retention(settings, view).begin, 200);
  view.hour = 12;
  view.used_percent = 76;
  EXPECT_EQ(decide_retention(settings, view).begin, 200);
  view.clock_trusted = false;
  EXPECT_EQ(decide_retention(settings, view).begin, 0);
}

TEST(RetentionPolicy, BytesCountWhateverTheAge) {
  const auto files = three_files();
  RetentionView view = view_of(files);
  RetentionSettings settings;
  settings.max_bytes = 350;
  EXPECT_EQ(decide_retention(settings, view).begin, 0);
  settings.max_bytes = 349;
  EXPECT_EQ(decide_retention(settings, view).begin, 100);
  settings.max_bytes = 1;
  EXPECT_EQ(decide_retention(settings, view).begin, 300);
  settings.max_files = 2;
  EXPECT_EQ(decide_retention(settings, view).begin, 200);
}

TEST(RetentionPolicy, AFullDiskTakesOneFileAtATime) {
  const auto files = three_files();
  RetentionView view = view_of(files);
  RetentionSettings settings;
  view.used_percent = 85;
  EXPECT_EQ(decide_retention(settings, view).begin, 0);
  view.used_percent = 86;
  EXPECT_EQ(decide_retention(settings, view).begin, 100);
  settings.force = false;
  EXPECT_EQ(decide_retention(settings, view).begin, 0);
}

TEST(RetentionPolicy, ReadsHours) {
  EXPECT_EQ(*parse_delete_hours("04"), std::vector<int>{4});
  EXPECT_EQ(*parse_delete_hours("0; 4;23"), (std::vector<int>{0, 4, 23}));
  EXPECT_FALSE(parse_delete_hours("24"));
  EXPECT_FALSE(parse_delete_hours("four"));
}

StoreOptions options_for_retention() {
  StoreOptions options = SimStore::small_options();
  options.index_shape = {100, 200};
  options.retention.reserve_bytes = 0;
  options.retention.interval_ms = 1'000;
  return options;
}

void send(SimStore& process, int first, int count) {
  for (int i = first; i < first + count; ++i) {
    SimMessage message;
    message.topic = i % 10 == 0 ? "Rare" : "TopicA";
    message.queue = i % 2;
    message.body = std::to_string(i) + " " + std::string(300, 'x');
    message.properties = "UNIQ_KEY\x01key" + std::to_string(i) + "\x02";
    auto entry = process.append(message);
    ASSERT_TRUE(entry) << entry.error().message();
  }
}

/// Every queue's bounds lead to messages, and every message between them is there.
void expect_consistent(SimStore& process) {
  const std::int64_t log_begin = process.store->min_physical_offset().value();
  for (const auto& [topic, id] : process.store->queues()) {
    ConsumeQueue* queue = process.store->find_queue(topic, id);
    for (std::int64_t at = queue->min_offset().value(); at < queue->max_offset().value(); ++at) {
      const std::string bytes = process.record_at(topic, id.value(), at);
      auto record = message::decode_record(as_bytes(bytes));
      ASSERT_TRUE(record) << topic << " " << id.value() << " " << at << ": " << bytes.substr(0, 100);
      ASSERT_EQ(record->queue_offset, at) << topic << " " << id.value();
      ASSERT_GE(record->physical_offset, log_begin);
    }
    if (queue->min_offset().value() > 0) {
      ReadRequest request;
      request.offset = QueueOffset(queue->min_offset().value() - 1);
      EXPECT_EQ(process.store->read(*queue, request).status, ReadStatus::kOffsetTooSmall);
    }
  }
}

TEST(Retention, KeepsTheLogWithinItsBytes) {
  sim::SimDisk disk(1);
  StoreOptions options = options_for_retention();
  options.retention.max_bytes = 64 << 10;
  {
    SimStore process(disk);
    ASSERT_TRUE(process.open(options));
    for (int round = 0; round < 20; ++round) {
      send(process, round * 40, 40);
      process.world.run_for(Milliseconds(3'000));
      EXPECT_LE(process.store->max_physical_offset().value() - process.store->min_physical_offset().value(),
                static_cast<std::int64_t>(options.retention.max_bytes + options.segment_bytes));
      expect_consistent(process);
    }
    EXPECT_GT(process.store->min_physical_offset().value(), 100 << 10);
    EXPECT_LE(process.files.list("/store/consumequeue/TopicA/0")->size(), 8U);
    EXPECT_LE(process.files.list("/store/index")->size(), 4U) << "of seven written";
    auto gone = process.store->find_by_key({.topic = "TopicA", .key = "key1"});
    ASSERT_TRUE(gone);
    EXPECT_TRUE(gone->records.empty());
    EXPECT_EQ(gone->covered_from, process.store->min_physical_offset());
    const auto oldest = process.store->read_record(gone->covered_from);
    ASSERT_TRUE(oldest);
    EXPECT_EQ(gone->covered_from_ms, message::decode_record(*oldest)->store_timestamp_ms);
    auto kept = process.store->find_by_key({.topic = "TopicA", .key = "key799"});
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->records.size(), 1U);
    auto* queue = process.store->find_queue("TopicA", QueueId(1));
    EXPECT_EQ(process.store->offset_by_time(*queue, 0, false)->value(), queue->min_offset().value());
    EXPECT_TRUE(process.store->store_time(*queue, queue->min_offset()));
  }
  for (const bool orderly : {true, false}) {
    SimStore process(disk);
    ASSERT_TRUE(process.open(options));
    EXPECT_TRUE(process.store->recovery().repairs.empty()) << process.store->recovery().repairs.front();
    expect_consistent(process);
    send(process, 10'000, 40);
    expect_consistent(process);
    if (orderly) {
      ASSERT_TRUE(process.close());
    }
  }
}

TEST(Retention, OldMessagesGoAndTheirOffsetsAreNotGivenAgain) {
  sim::SimDisk disk(1);
  StoreOptions options = options_for_retention();
  SimStore process(disk);
  ASSERT_TRUE(process.open(options));
  send(process, 0, 100);
  process.world.run_for(Milliseconds(71 * kHour));
  EXPECT_EQ(process.store->min_physical_offset().value(), 0);
  ASSERT_TRUE(process.append({.topic = "Other", .body = std::string(1'000, 'y')}));
  process.world.run_for(Milliseconds(2 * kHour));
  EXPECT_GT(process.store->min_physical_offset().value(), 0);
  auto* queue = process.store->find_queue("TopicA", QueueId(0));
  const std::int64_t max = queue->max_offset().value();
  EXPECT_EQ(max, 40);
  EXPECT_GE(queue->min_offset().value(), 38) << "only the file that is being written may keep any";
  expect_consistent(process);
  auto entry = process.append({.queue = 0, .body = "next"});
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->queue_offset.value(), max);
}

TEST(Retention, AClockThatJumpsAheadRemovesNothing) {
  sim::SimDisk disk(1);
  SimStore process(disk);
  ASSERT_TRUE(process.open(options_for_retention()));
  send(process, 0, 100);
  process.world.run_for(Milliseconds(5'000));
  process.world.clock().step_wall(Milliseconds(1'000 * kHour));
  process.world.run_for(Milliseconds(1'800'000));
  EXPECT_EQ(process.store->min_physical_offset().value(), 0);
  process.world.clock().step_wall(Milliseconds(-1'000 * kHour));
  process.world.run_for(Milliseconds(3 * kHour));
  EXPECT_EQ(process.store->min_physical_offset().value(), 0);
}

TEST(Retention, WhatIsOldEnoughGoesAtAnyHourWhenItIsAskedFor) {
  sim::SimDisk disk(1);
  SimStore process(disk);
  StoreOptions options = options_for_retention();
  const std::time_t now_s = process.world.clock().wall_ms() / 1'000;
  std::tm local{};
  ::localtime_r(&now_s, &local);
  options.retention.hours = {(local.tm_hour + 12) % 24};
  options.retention.reserved_ms = 60'000;
  ASSERT_TRUE(process.open(options));
  send(process, 0, 200);
  process.world.run_for(Milliseconds(300'000));
  EXPECT_EQ(process.store->min_physical_offset().value(), 0);
  process.store->remove_expired();
  process.world.run_for(Milliseconds(60'000));
  EXPECT_GT(process.store->min_physical_offset().value(), 0);
  expect_consistent(process);
  const std::int64_t begin = process.store->min_physical_offset().value();
  send(process, 200, 200);  // Once asked for is once done: these wait for their hour.
  process.world.run_for(Milliseconds(300'000));
  EXPECT_EQ(process.store->min_physical_offset().value(), begin);
}

TEST(Retention, AFullDiskRefusesSendsServesReadsAndLetsThemReturnWithinTwoSeconds) {
  sim::SimDisk disk(1);
  StoreOptions options = options_for_retention();
  options.retention.reserve_bytes = 64 << 10;
  options.retention.force = false;
  SimStore process(disk);
  ASSERT_TRUE(process.open(options));
  send(process, 0, 20);
  process.world.run_for(Milliseconds(1'000));
  disk.set_capacity(disk.used_bytes() + (200 << 10));
  Result<AppendBatch::Entry> entry = fail(Errc::kClosed, "");
  int sent = 20;
  do {
    entry = process.append({.body = std::to_string(sent++) + std::string(500, 'x')});
  } while (entry && sent < 10'000);
  ASSERT_FALSE(entry);
  EXPECT_EQ(entry.error().code(), Errc::kNoSpace) << entry.error().message();
  EXPECT_TRUE(process.store->refusal());
  EXPECT_FALSE(process.store->failure());
  expect_consistent(process);
  process.world.run_for(Milliseconds(10'000));  // Queue files can still be written: that is what the reserve is for.
  EXPECT_LE(disk.used_bytes(), disk.options().capacity_bytes);
  disk.set_capacity(1 << 30);
  process.world.run_for(Milliseconds(2'000));
  send(process, 20'000, 20);
  EXPECT_FALSE(process.store->refusal());
  expect_consistent(process);
}

TEST(Retention, ATopicIsDeletedWhileItIsWrittenTo) {
  sim::SimDisk disk(1);
  StoreOptions options = options_for_retention();
  options.retention.max_bytes = 64 << 10;
  SimStore process(disk);
  ASSERT_TRUE(process.open(options));
  for (int round = 0; round < 20; ++round) {
    send(process, round * 20, 20);
    ASSERT_TRUE(process.store->delete_topic("TopicA"));
    expect_consistent(process);
    process.world.run_for(Milliseconds(700));
    send(process, 10'000 + round * 20, 10);
    expect_consistent(process);
  }
}

}  // namespace
}  // namespace ogive::store
