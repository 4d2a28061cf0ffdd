// What a start does with every kind of damage: everything acknowledged is there, offsets go on where they were.

#include "store/recovery/recovery.h"

#include <gtest/gtest.h>

#include "store/log/segment.h"
#include "store/sim_store_for_test.h"

namespace ogive::store {
namespace {

using Damage = std::function<void(io::FileSystem&)>;

SimMessage numbered(int number) {
  SimMessage message;
  message.topic = number % 5 == 0 ? "TopicB" : "TopicA";
  message.queue = number % 2;
  message.body = "body " + std::to_string(number) + std::string(static_cast<std::size_t>(number % 11) * 30, 'x');
  message.properties =
      "TAGS\x01tag" + std::to_string(number % 3) + "\x02UNIQ_KEY\x01key" + std::to_string(number) + "\x02";
  message.v6_hosts = number % 13 == 0;
  return message;
}

void send(SimStore& process, SimLedger& ledger, int first, int count) {
  for (int i = first; i < first + count; ++i) {
    const SimMessage message = numbered(i);
    auto entry = process.append(message);
    ASSERT_TRUE(entry) << entry.error().message();
    ledger.appended(message, entry->queue_offset.value());
  }
}

/// Files of a directory and below, with their paths.
void visit_files(io::FileSystem& files, const std::string& directory,
                 const std::function<void(const std::string&)>& visit) {
  auto listed = files.list(directory);
  if (!listed) return;
  for (const io::FileInfo& info : *listed) {
    const std::string path = directory + "/" + info.name;
    if (info.is_directory) {
      visit_files(files, path, visit);
    } else {
      visit(path);
    }
  }
}

void remove_below(io::FileSystem& files, const std::string& directory) {
  visit_files(files, directory, [&](const std::string& path) { ASSERT_TRUE(files.remove(path)); });
}

void cut(io::FileSystem& files, const std::string& path, std::uint64_t size) {
  auto file = files.open(path, io::OpenMode::kReadWrite);
  ASSERT_TRUE(file) << path;
  ASSERT_TRUE((*file)->truncate(size));
}

void overwrite(io::FileSystem& files, const std::string& path, std::uint64_t at, std::string_view bytes) {
  auto file = files.open(path, io::OpenMode::kReadWrite);
  ASSERT_TRUE(file) << path;
  ASSERT_TRUE((*file)->write_at(at, as_bytes(bytes)));
}

std::string last_log_file(io::FileSystem& files) {
  auto listed = files.list("/store/commitlog");
  return "/store/commitlog/" + listed->back().name;
}

constexpr const char* kQueueDirectory = "/store/consumequeue/TopicA/1";
constexpr const char* kQueueFile = "/store/consumequeue/TopicA/1/00000000000000000000";
constexpr int kMessages = 150;  // Several files of every queue and a dozen of the log.

/// A life, damage, a second life that must find everything, and a third.
void expect_recovery(bool orderly, const Damage& damage, bool expect_repairs) {
  SCOPED_TRACE(orderly ? "after an orderly stop" : "after a crash");
  sim::SimDisk disk(7);
  SimLedger ledger;
  {
    SimStore process(disk);
    ASSERT_TRUE(process.open());
    send(process, ledger, 0, kMessages);
    process.world.run_for(Milliseconds(1'000));
    send(process, ledger, kMessages, 7);
    ASSERT_TRUE(process.flush());
    if (orderly) {
      ASSERT_TRUE(process.close());
    }
  }
  {
    sim::SimFileSystem files(disk, system_clock());
    damage(files);
  }
  for (int life = 0; life < 2; ++life) {
    SimStore process(disk);
    const Status opened = process.open();
    ASSERT_TRUE(opened) << opened.error().message();
    if (life == 0) {
      EXPECT_EQ(process.store->recovery().clean, orderly);
      if (expect_repairs) {
        EXPECT_FALSE(process.store->recovery().repairs.empty());
      }
    } else {
      EXPECT_TRUE(process.store->recovery().repairs.empty()) << process.store->recovery().repairs.front();
    }
    ledger.expect_all(process);
    send(process, ledger, 1'000 * (life + 1), 40);  // The ledger complains about offsets given twice.
    ledger.expect_all(process);
    ASSERT_TRUE(process.close());
  }
}

void expect_recovery(const Damage& damage, bool expect_repairs = true) {
  expect_recovery(true, damage, expect_repairs);
  if (!testing::Test::HasFailure()) expect_recovery(false, damage, false);
}

TEST(Recovery, OfAnUndamagedStore) {
  expect_recovery([](io::FileSystem&) {}, false);
}

TEST(Recovery, WithoutAnyConsumeQueue) {
  expect_recovery([](io::FileSystem& files) { remove_below(files, "/store/consumequeue"); });
}

TEST(Recovery, WithoutOneConsumeQueue) {
  expect_recovery([](io::FileSystem& files) { remove_below(files, kQueueDirectory); });
}

TEST(Recovery, WithoutTheFirstFileOfAConsumeQueue) {
  expect_recovery([](io::FileSystem& files) { ASSERT_TRUE(files.remove(kQueueFile)); });
}

TEST(Recovery, WithoutTheMiddleFileOfAConsumeQueue) {
  expect_recovery(
      [](io::FileSystem& files) { ASSERT_TRUE(files.remove(std::string(kQueueDirectory) + "/00000000000000000320")); });
}

TEST(Recovery, WithoutTheLastFileOfAConsumeQueue) {
  expect_recovery([](io::FileSystem& files) {
    auto listed = files.list(kQueueDirectory);
    ASSERT_GE(listed->size(), 3U);
    ASSERT_TRUE(files.remove(std::string(kQueueDirectory) + "/" + listed->back().name));
  });
}

TEST(Recovery, OfShortenedConsumeQueueFiles) {
  for (const std::uint64_t size : {0, 1, 19, 20, 100, 319}) {
    SCOPED_TRACE(size);
    expect_recovery([&](io::FileSystem& files) { cut(files, kQueueFile, size); });
    expect_recovery([&](io::FileSystem& files) {
      auto listed = files.list(kQueueDirectory);
      cut(files, std::string(kQueueDirectory) + "/" + listed->back().name, size);
    });
  }
}

TEST(Recovery, OfAConsumeQueueWithZerosInTheMiddle) {
  expect_recovery([&](io::FileSystem& files) { overwrite(files, kQueueFile, 0, std::string(160, '\0')); });
  // A hole that no start can see without reading every entry: met when it is read, repaired by the next start.
  sim::SimDisk disk(7);
  SimLedger ledger;
  {
    SimStore process(disk);
    ASSERT_TRUE(process.open());
    send(process, ledger, 0, kMessages);
    ASSERT_TRUE(process.close());
  }
  {
    SimStore process(disk);
    overwrite(process.files, kQueueFile, 100, std::string(40, '\0'));
    ASSERT_TRUE(process.open());
    EXPECT_TRUE(process.body_at("TopicA", 1, 5).starts_with("read status 8"));
    ASSERT_TRUE(process.close());
  }
  for (int life = 0; life < 2; ++life) {
    SimStore process(disk);
    ASSERT_TRUE(process.open());
    EXPECT_EQ(process.store->recovery().repairs.empty(), life == 1);
    ledger.expect_all(process);
    ASSERT_TRUE(process.close());
  }
}

TEST(Recovery, ADamagedRecordDoesNotEndTheLogWhenQueuesAreMadeAnew) {
  sim::SimDisk disk(7);
  SimLedger ledger;
  {
    SimStore process(disk);
    ASSERT_TRUE(process.open());
    send(process, ledger, 0, 20);
    ASSERT_TRUE(process.append({.topic = "Damaged", .body = "here"}));
    send(process, ledger, 20, kMessages);
    ASSERT_TRUE(process.close());
  }
  {
    sim::SimFileSystem files(disk, system_clock());
    auto content = io::read_file(files, "/store/commitlog/" + segment_name(0), 1 << 20);
    overwrite(files, "/store/commitlog/" + segment_name(0), content->find("here"), "HERE");
    remove_below(files, "/store/consumequeue");
  }
  SimStore process(disk);
  ASSERT_TRUE(process.open());
  ledger.expect_all(process);
  send(process, ledger, 1'000, 20);
  ledger.expect_all(process);
}

TEST(Recovery, WithoutACheckpoint) {
  expect_recovery([](io::FileSystem& files) { ASSERT_TRUE(files.remove("/store/checkpoint")); }, false);
}

TEST(Recovery, OfAShortenedOrGarbledCheckpoint) {
  for (const std::uint64_t size : {0, 47, 48, 80, 500}) {
    SCOPED_TRACE(size);
    expect_recovery([&](io::FileSystem& files) { cut(files, "/store/checkpoint", size); }, false);
  }
  Random random(3);
  for (int round = 0; round < 20; ++round) {
    std::string garbage(4096, '\0');
    for (char& c : garbage) c = static_cast<char>(random.next());
    expect_recovery([&](io::FileSystem& files) { overwrite(files, "/store/checkpoint", 0, garbage); }, false);
  }
}

TEST(Recovery, WithoutCheckpointAndConsumeQueues) {
  expect_recovery(
      [](io::FileSystem& files) {
        ASSERT_TRUE(files.remove("/store/checkpoint"));
        remove_below(files, "/store/consumequeue");
      },
      false);
}

TEST(Recovery, OfDamagedQueueEnds) {
  expect_recovery([](io::FileSystem& files) { cut(files, "/store/queueends", 5); }, false);
  expect_recovery([](io::FileSystem& files) { overwrite(files, "/store/queueends", 9, "garbage"); }, false);
}

TEST(Recovery, OfATornLastRecord) {
  sim::SimDisk disk(7);
  SimLedger ledger;
  std::int64_t end = 0;
  {
    SimStore process(disk);
    ASSERT_TRUE(process.open());
    send(process, ledger, 0, 30);
    ASSERT_TRUE(process.flush());
    auto torn = process.append(numbered(30));
    ASSERT_TRUE(torn);
    end = torn->physical_offset.value();
  }
  {
    sim::SimFileSystem files(disk, system_clock());
    const std::string path = "/store/commitlog/" + segment_name(end - end % (8 << 10));
    overwrite(files, path, static_cast<std::uint64_t>(end % (8 << 10)) + 100, "torn");
  }
  SimStore process(disk);
  ASSERT_TRUE(process.open());
  EXPECT_LE(process.store->max_physical_offset().value(), end);
  EXPECT_GT(process.store->recovery().truncated_bytes, 0);
  EXPECT_FALSE(process.store->recovery().repairs.empty());
  ledger.expect_all(process);
  send(process, ledger, 40, 40);
  ledger.expect_all(process);
}

// What is behind a cut looks like a record in every respect, and the new record in front of it ends exactly there.
TEST(Recovery, AStaleTailIsNotTakenForRecords) {
  sim::SimDisk disk(7);
  SimMessage message{.body = std::string(100, 'a')};
  std::int64_t second = 0;
  {
    SimStore process(disk);
    ASSERT_TRUE(process.open());
    ASSERT_TRUE(process.append(message));
    second = process.append(message)->physical_offset.value();
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(process.append(message));
    ASSERT_TRUE(process.flush());
  }
  {
    sim::SimFileSystem files(disk, system_clock());
    overwrite(files, "/store/commitlog/00000000000000000000", static_cast<std::uint64_t>(second) + 90, "damage");
  }
  message.body = std::string(100, 'b');
  {
    SimStore process(disk);
    ASSERT_TRUE(process.open());
    ASSERT_EQ(process.store->max_physical_offset().value(), second);
    auto entry = process.append(message);
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->queue_offset.value(), 1);
    ASSERT_TRUE(process.flush());
  }
  disk.power_loss();
  SimStore process(disk);
  ASSERT_TRUE(process.open());
  auto* queue = process.store->find_queue("TopicA", QueueId(0));
  EXPECT_EQ(queue->max_offset().value(), 2);
  EXPECT_EQ(process.body_at("TopicA", 0, 1), message.body);
}

// It has the offsets of its places, so that it would be taken for records once new ones have grown up to it.
TEST(Recovery, AStaleTailBehindAHoleIsRemoved) {
  constexpr std::int64_t kSegment = 4 << 20;  // Several steps of the search for data.
  StoreOptions options = SimStore::small_options();
  options.segment_bytes = kSegment;
  sim::SimDisk disk(7);
  const SimMessage message{.body = std::string(100, 'a')};
  {
    SimStore process(disk);
    ASSERT_TRUE(process.open(options));
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(process.append(message));
    ASSERT_TRUE(process.flush());
    const std::string last = process.record_at("TopicA", 0, 3);
    auto file = process.files.open("/store/commitlog/00000000000000000000", io::OpenMode::kReadWrite);
    for (const std::int64_t place : {std::int64_t{1'500'000}, std::int64_t{3'000'003}, kSegment - 4'096}) {
      std::string stale = last;
      store_be(stale.data() + message::kPhysicalOffsetPosition, place);
      store_be(stale.data() + message::kQueueOffsetPosition, std::int64_t{4});
      ASSERT_TRUE((*file)->write_at(static_cast<std::uint64_t>(place), as_bytes(stale)));
    }
    for (const std::uint64_t hole : {100'000, 2'000'000, 3'500'000}) {
      ASSERT_GT(*(*file)->next_data(hole), hole) << "there is no hole";
    }
  }
  SimStore process(disk);
  ASSERT_TRUE(process.open(options));
  const std::int64_t end = process.store->max_physical_offset().value();
  EXPECT_EQ(process.store->find_queue("TopicA", QueueId(0))->max_offset().value(), 4);
  EXPECT_GT(process.store->recovery().truncated_bytes, kSegment - 8'192 - end);
  std::vector<std::byte> behind(static_cast<std::size_t>(kSegment - end));
  auto file = process.files.open("/store/commitlog/00000000000000000000", io::OpenMode::kRead);
  ASSERT_EQ(*(*file)->read_at(static_cast<std::uint64_t>(end), behind), behind.size());
  EXPECT_TRUE(sim::all_zero(behind));
}

TEST(Recovery, AtEverySegmentBoundary) {
  // Sizes around what is left in a file, so that records end 0 to 20 bytes before its end.
  for (std::size_t spare = 0; spare <= 20; ++spare) {
    SCOPED_TRACE(spare);
    sim::SimDisk disk(spare);
    SimLedger ledger;
    StoreOptions options = SimStore::small_options();
    options.segment_bytes = 4096;
    for (const bool orderly : {true, false, true}) {
      SimStore process(disk);
      const Status opened = process.open(options);
      ASSERT_TRUE(opened) << opened.error().message();
      ledger.expect_all(process);
      const std::int64_t end = process.store->max_physical_offset().value();
      SimMessage message{.body = ""};
      const std::size_t overhead = 88 + 1 + message.topic.size() + 2;  // Record without body.
      const auto left = static_cast<std::size_t>(4096 - end % 4096);
      if (left > overhead + std::max<std::size_t>(spare, 8)) {
        message.body = std::string(left - overhead - (end == 0 ? std::max<std::size_t>(spare, 8) : spare), 'z');
      }
      auto entry = process.append(message);
      ASSERT_TRUE(entry) << entry.error().message();
      ledger.appended(message, entry->queue_offset.value());
      ASSERT_TRUE(process.flush());
      ledger.expect_all(process);
      if (orderly) {
        ASSERT_TRUE(process.close());
      }
    }
  }
}

TEST(Recovery, OfZeroLengthAndShortLogFiles) {
  for (const std::uint64_t size : {0, 1, 100, 4096}) {
    SCOPED_TRACE(size);
    expect_recovery([&](io::FileSystem& files) { cut(files, last_log_file(files), size); }, true);
  }
  expect_recovery([](io::FileSystem& files) {
    auto empty = files.open("/store/commitlog/" + segment_name(1 << 20), io::OpenMode::kCreate);
    ASSERT_TRUE(empty);
  });
}

TEST(Recovery, OfAnEmptyStore) {
  sim::SimDisk disk(7);
  for (const bool orderly : {true, true, false, true}) {
    SimStore process(disk);
    ASSERT_TRUE(process.open());
    EXPECT_EQ(process.store->max_physical_offset().value(), 0);
    if (orderly) {
      ASSERT_TRUE(process.close());
    }
  }
}

TEST(Recovery, RefusesALogWithAHole) {
  sim::SimDisk disk(7);
  SimLedger ledger;
  {
    SimStore process(disk);
    ASSERT_TRUE(process.open());
    send(process, ledger, 0, kMessages);
    ASSERT_TRUE(process.close());
  }
  {
    sim::SimFileSystem files(disk, system_clock());
    ASSERT_TRUE(files.remove("/store/commitlog/" + segment_name(8 << 10)));
  }
  SimStore process(disk);
  const Status opened = process.open();
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message().find("8192 and 16384 are missing"), std::string::npos) << opened.error().message();
}

TEST(Recovery, ADamagedRecordIsAnErrorAndNeverAMessage) {
  sim::SimDisk disk(7);
  SimLedger ledger;
  {
    SimStore process(disk);
    ASSERT_TRUE(process.open());
    send(process, ledger, 0, kMessages);
    ASSERT_TRUE(process.close());
  }
  Random random(11);
  for (int round = 0; round < 300; ++round) {
    const auto copy = disk.clone(static_cast<std::uint64_t>(round));
    SimStore process(*copy);
    std::vector<std::string> paths;
    for (const auto* directory : {"/store/commitlog", "/store/consumequeue"}) {
      visit_files(process.files, directory, [&](const std::string& path) { paths.push_back(path); });
    }
    for (int i = 0; i < 5; ++i) {
      const std::string& path = paths[random.below(paths.size())];
      const std::uint64_t size = process.files.info(path)->size;
      std::string garbage(1 + random.below(40), '\0');
      for (char& c : garbage) c = static_cast<char>(random.next());
      overwrite(process.files, path, random.below(size - garbage.size()), garbage);
    }
    if (!process.open()) continue;
    for (const auto* queue_name : {"TopicA", "TopicB"}) {
      for (std::int32_t id = 0; id < 2; ++id) {
        auto* queue = process.store->find_queue(queue_name, QueueId(id));
        if (queue == nullptr) continue;
        for (std::int64_t at = queue->min_offset().value(); at < queue->max_offset().value(); ++at) {
          const std::string bytes = process.record_at(queue_name, id, at);
          auto record = message::decode_record(as_bytes(bytes));
          if (!record) continue;  // An error, as it should be.
          // A place that was lost is skipped for the next message.
          ASSERT_GE(record->queue_offset, at);
          const std::string body(as_chars(record->body));
          ASSERT_EQ(body, numbered(std::atoi(body.c_str() + 5)).body) << "round " << round;
        }
      }
    }
  }
}

}  // namespace
}  // namespace ogive::store
