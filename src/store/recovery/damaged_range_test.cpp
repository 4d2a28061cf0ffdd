// Damage in the middle of the log, met by a start that does not know that the log goes on: nothing behind it is lost.

#include "store/recovery/damaged_range.h"

#include <gtest/gtest.h>

#include <set>

#include "io/file.h"
#include "store/checkpoint.h"
#include "store/sim_store_for_test.h"

namespace ogive::store {
namespace {

constexpr std::int64_t kFileBytes = 8 << 10;

class DamagedLog : public ::testing::Test {
 protected:
  /// `count` messages to one queue, `pause` apart, then a kill; queue files get the entries of `in_files` of them.
  void live(int count, Milliseconds pause, int in_files = 0) {
    SimStore process(disk_);
    process.world.run_for(Milliseconds(1'000));
    ASSERT_TRUE(process.open(options()));
    for (int i = 0; i < count; ++i) {
      send(process);
      process.world.run_for(pause);
      if (i + 1 == in_files) process.world.run_for(options().checkpoint_interval + Milliseconds(1'000));
    }
    ASSERT_TRUE(process.flush());
  }
  void send(SimStore& process) {
    auto entry = process.append({.body = body(static_cast<int>(places_.size()))});
    ASSERT_TRUE(entry);
    places_.push_back(entry->physical_offset.value());
    stored_ms_.push_back(process.world.clock().wall_ms());
  }
  /// Nothing is written to queue files for so long that a test says when it is.
  static StoreOptions options() {
    StoreOptions options = SimStore::small_options();
    options.checkpoint_interval = Milliseconds(30'000);
    return options;
  }

  static std::string body(int number) { return std::to_string(number) + std::string(100, 'b'); }

  /// Nobody remembers how far the log was written out, and `count` bytes from `offset` on are something else.
  void damage(std::int64_t offset, std::size_t count) {
    sim::SimFileSystem files(disk_, system_clock());
    static_cast<void>(files.remove("/store/checkpoint"));
    for (std::size_t i = 0; i < count; ++i) {
      const auto at = offset + static_cast<std::int64_t>(i);
      auto file = files.open("/store/commitlog/" + segment_name(at - at % kFileBytes), io::OpenMode::kReadWrite);
      ASSERT_TRUE(file);
      const std::byte wrong{0x5a};
      ASSERT_TRUE((*file)->write_at(static_cast<std::uint64_t>(at % kFileBytes), ByteView(&wrong, 1)));
    }
  }

  /// All but those from `first` to before `last` are there, under their own offsets.
  void expect_all_but(int first, int last) {
    SimStore process(disk_);
    ASSERT_TRUE(process.open());
    const int count = static_cast<int>(places_.size());
    EXPECT_EQ(process.store->find_queue("TopicA", QueueId(0))->max_offset().value(), count);
    for (int i = 0; i < count; ++i) {
      if (i < first || i >= last) {
        EXPECT_EQ(process.body_at("TopicA", 0, i), body(i)) << i;
      }
    }
    repairs_ = process.store->recovery().repairs;
  }

  /// Cut at the `first` one, and the rest is kept.
  void expect_cut(int first) {
    SimStore process(disk_);
    ASSERT_TRUE(process.open());
    const std::int64_t place = places_[static_cast<std::size_t>(first)];
    EXPECT_EQ(process.store->max_physical_offset().value(), place);
    EXPECT_GE(process.store->find_queue("TopicA", QueueId(0))->max_offset().value(), first);
    for (int i = 0; i < first; ++i) {
      if (damaged_.contains(i)) continue;
      EXPECT_EQ(process.body_at("TopicA", 0, i), body(i)) << i;
    }
    const auto& repairs = process.store->recovery().repairs;
    EXPECT_TRUE(std::ranges::any_of(repairs, [](const auto& text) { return text.contains("are kept in"); }));
    EXPECT_GE(aside_bytes(place), static_cast<std::size_t>(places_.back() - place));
  }

  std::int64_t scanned_to() {
    sim::SimFileSystem files(disk_, system_clock());
    SegmentList segments(files, {"/store/commitlog", ""}, kFileBytes);
    std::vector<std::string> repairs;
    EXPECT_TRUE(segments.load(repairs));
    return LogScanner(segments).scan(0, [](const message::RecordView&) { return Status(); })->offset;
  }

  std::size_t aside_bytes(std::int64_t offset) {
    sim::SimFileSystem files(disk_, system_clock());
    auto info = files.info("/store/damagedlog/" + segment_name(offset));
    return info ? static_cast<std::size_t>(info->size) : 0;
  }

  std::string kept(std::int64_t offset, const std::string& number) {
    sim::SimFileSystem files(disk_, system_clock());
    return io::read_file(files, "/store/damagedlog/" + segment_name(offset) + number, 1 << 20).value_or("");
  }
  std::size_t kept_files() {
    sim::SimFileSystem files(disk_, system_clock());
    return files.list("/store/damagedlog")->size();
  }

  sim::SimDisk disk_{7};
  std::vector<std::int64_t> places_;
  std::vector<std::int64_t> stored_ms_;
  std::vector<std::string> repairs_;
  std::set<int> damaged_;
};

TEST_F(DamagedLog, GoesOnBehindARecord) {
  live(40, Milliseconds(5'000));
  damage(places_[10] + 95, 4);
  expect_all_but(10, 11);
  EXPECT_EQ(aside_bytes(places_[10]), static_cast<std::size_t>(places_[11] - places_[10]));
  EXPECT_GT(scanned_to(), places_.back()) << "another server would take the damage for the log's end";
  damage(places_[10], 0);  // The next start has no checkpoint either, and nothing to put right any more.
  expect_all_but(10, 11);
  for (const std::string& repair : repairs_) EXPECT_FALSE(repair.contains("damage")) << repair;
}

TEST_F(DamagedLog, GoesOnInAnotherFile) {
  live(200, Milliseconds(1'000));
  const auto first = std::ranges::lower_bound(places_, kFileBytes) - places_.begin();
  const auto last = std::ranges::lower_bound(places_, 2 * kFileBytes) - places_.begin();
  damage(places_[static_cast<std::size_t>(first - 2)], static_cast<std::size_t>(2 * kFileBytes + 300));
  std::size_t next = static_cast<std::size_t>(last);
  while (places_[next] < places_[static_cast<std::size_t>(first - 2)] + 2 * kFileBytes + 300) ++next;
  expect_all_but(static_cast<int>(first - 2), static_cast<int>(next));
  EXPECT_GT(scanned_to(), places_.back());
}

TEST_F(DamagedLog, WhatMayNeverHaveBeenOnTheDeviceIsCutAndKept) {
  live(40, Milliseconds(10), 20);
  damage(places_[30] + 95, 4);
  expect_cut(30);
}

TEST_F(DamagedLog, WhatQueueFilesHaveEntriesOfWasOnTheDevice) {
  live(40, Milliseconds(10), 35);
  damage(places_[30] + 95, 4);
  expect_all_but(30, 31);
  EXPECT_GT(scanned_to(), places_.back());
}

TEST_F(DamagedLog, OfSeveralPlacesOnlyThoseBeforeTheLastEntryArePassedOver) {
  live(40, Milliseconds(10), 35);
  for (const int i : {10, 30, 37}) damage(places_[static_cast<std::size_t>(i)] + 95, 4);
  damaged_ = {10, 30};
  expect_cut(37);
  EXPECT_GT(aside_bytes(places_[10]), 0u);
  EXPECT_GT(aside_bytes(places_[30]), 0u);
}

TEST_F(DamagedLog, BothCutsAtOnePlaceAreKept) {
  live(40, Milliseconds(10), 20);
  const std::int64_t place = places_[30];
  damage(place + 95, 4);
  expect_cut(30);
  const std::string first = kept(place, "");
  places_.resize(30);
  live(5, Milliseconds(10));
  ASSERT_EQ(places_[30], place);
  damage(place + 95, 4);
  {
    SimStore process(disk_);
    ASSERT_TRUE(process.open());
    EXPECT_EQ(process.store->max_physical_offset().value(), place);
    const auto& repairs = process.store->recovery().repairs;
    EXPECT_TRUE(std::ranges::any_of(repairs, [&](const auto& text) {
      return text.ends_with("damagedlog/" + segment_name(place) + ".1");
    })) << repairs.back();
  }
  EXPECT_EQ(kept(place, ""), first);
  EXPECT_FALSE(kept(place, ".1").empty());
  EXPECT_LT(kept(place, ".1").size(), first.size());
}

// The start that was to cut the log has failed after it had kept the bytes.
TEST_F(DamagedLog, TheSameBytesAreKeptOnce) {
  live(40, Milliseconds(10), 20);
  damage(places_[30] + 95, 4);
  disk_.add_fault({.op = sim::DiskOp::kWrite, .path_contains = "/commitlog/", .times = UINT64_MAX});
  {
    SimStore process(disk_);
    ASSERT_FALSE(process.open());
  }
  disk_.clear_faults();
  const std::string first = kept(places_[30], "");
  EXPECT_FALSE(first.empty());
  expect_cut(30);
  EXPECT_EQ(kept(places_[30], ""), first);
  EXPECT_EQ(kept(places_[30], ".1"), "");
  EXPECT_EQ(kept_files(), 1u);
}

TEST_F(DamagedLog, SoMuchIsKeptFromOnePlaceAndNoMore) {
  live(40, Milliseconds(10), 20);
  const std::int64_t place = places_[30];
  damage(place + 95, 4);
  {
    sim::SimFileSystem files(disk_, system_clock());
    ASSERT_TRUE(files.create_directories("/store/damagedlog"));
    for (int i = 0; i < kMaxKept; ++i) {
      const std::string name = segment_name(place) + (i == 0 ? "" : "." + std::to_string(i));
      ASSERT_TRUE(files.open("/store/damagedlog/" + name, io::OpenMode::kCreate));
    }
  }
  SimStore process(disk_);
  ASSERT_TRUE(process.open());
  EXPECT_EQ(process.store->max_physical_offset().value(), place);
  const auto& repairs = process.store->recovery().repairs;
  EXPECT_TRUE(std::ranges::any_of(
      repairs, [](const auto& text) { return text.contains("could not be kept: /store/damagedlog has 100 files"); }));
  EXPECT_EQ(kept_files(), static_cast<std::size_t>(kMaxKept));
}

TEST_F(DamagedLog, NamesOfWhatIsKept) {
  EXPECT_EQ(parse_kept_name("00000000000000000123"), 123);
  EXPECT_EQ(parse_kept_name("00000000000000000123.7"), 123);
  EXPECT_EQ(parse_kept_name("00000000000000000123."), -1);
  EXPECT_EQ(parse_kept_name("00000000000000000123.tmp"), -1);
  EXPECT_EQ(parse_kept_name("kept.tmp"), -1);
}

// It writes queue files as it comes, before or after the log.
TEST_F(DamagedLog, AnEntryOfAnotherServerTellsNothing) {
  live(40, Milliseconds(10), 35);
  damage(places_[30] + 95, 4);
  {
    sim::SimFileSystem files(disk_, system_clock());
    auto lock = files.open("/store/lock", io::OpenMode::kReadWrite);
    ASSERT_TRUE(lock);
    ASSERT_TRUE((*lock)->write_at(0, as_bytes(std::string_view("lock"))));
  }
  expect_cut(30);
}

// The furthest entry's record is one that was lost: what lies behind the damage is no proof.
TEST_F(DamagedLog, AnEntryWhoseRecordIsDamagedTellsNothing) {
  live(40, Milliseconds(10), 35);
  damage(places_[30] + 95, 4);
  damage(places_[34] + 95, 4);
  expect_cut(30);
}

TEST_F(DamagedLog, WhatAnOrderlyStopLeftWasOnTheDevice) {
  live(39, Milliseconds(10));
  {
    SimStore process(disk_);
    ASSERT_TRUE(process.open());
    send(process);
    ASSERT_TRUE(process.close());
  }
  damage(places_[30] + 95, 4);
  sim::SimFileSystem files(disk_, system_clock());
  for (const char* name :
       {"/store/queueends", "/store/consumequeue/TopicA/0/00000000000000000000",
        "/store/consumequeue/TopicA/0/00000000000000000320", "/store/consumequeue/TopicA/0/00000000000000000640"}) {
    static_cast<void>(files.remove(name));
  }
  expect_all_but(30, 31);
}

TEST_F(DamagedLog, AnotherServersCheckpointTellsWhatWasOnTheDevice) {
  live(40, Milliseconds(10));
  damage(places_[20] + 95, 4);
  {
    sim::SimFileSystem files(disk_, system_clock());
    Checkpoint checkpoint;
    checkpoint.physic_timestamp_ms = checkpoint.logics_timestamp_ms = stored_ms_[30];
    ASSERT_TRUE(save_checkpoint(files, "/store/checkpoint", checkpoint));
  }
  expect_all_but(20, 21);
}

}  // namespace
}  // namespace ogive::store
