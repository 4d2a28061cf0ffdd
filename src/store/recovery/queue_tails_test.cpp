// Stops that have no time to write the files of all queues leave what those lack in one file: what that spares the next
// start, and that a file of another time never leads to a lost message or to an offset that is given twice.

#include "store/queue/queue_tails.h"

#include <gtest/gtest.h>

#include "store/local_message_store.h"
#include "store/sim_store_for_test.h"

namespace ogive::store {
namespace {

constexpr const char* kTails = "/store/queuetails";

class Tails : public ::testing::TestWithParam<bool> {
 protected:
  static StoreOptions options() {
    StoreOptions made = SimStore::small_options();
    made.queues_walked_at_start = 0;
    made.batch_queue_file_bytes = 46 * 16;
    if (GetParam()) made.is_batch_topic = [](std::string_view topic) { return topic == "TopicB"; };
    return made;
  }
  void send(SimStore& process, int count) {
    for (int i = 0; i < count; ++i, ++number_) {
      const SimMessage message{.topic = number_ % 3 == 0 ? "TopicB" : "TopicA",
                               .queue = number_ % 2,
                               .body = "body " + std::to_string(number_) + std::string(number_ % 11 * 30U, 'x')};
      auto entry = process.append(message);
      ASSERT_TRUE(entry) << entry.error().message();
      ledger_.appended(message, entry->queue_offset.value());
    }
  }
  static Status stop_at_once(SimStore& process) {
    return static_cast<LocalMessageStore&>(*process.store).close_within(Milliseconds(0));
  }
  /// Messages behind noted ends, and a stop without time.
  void live(int behind = 50) {
    SimStore process(disk_);
    ASSERT_TRUE(process.open(options()));
    send(process, 100);
    process.world.run_for(Milliseconds(1'000));
    send(process, behind);
    ASSERT_TRUE(stop_at_once(process));
    ledger_.flushed();
    EXPECT_TRUE(process.files.info("/store/abort")) << "another server must look for itself";
  }
  /// The next life finds everything, and had to read so many records of the log.
  void expect_start(std::int64_t read) {
    SimStore process(disk_);
    ASSERT_TRUE(process.open(options()));
    EXPECT_EQ(process.store->recovery().redispatched, read);
    ledger_.expect_all(process);
    send(process, 20);
    ledger_.expect_all(process);
    ASSERT_TRUE(process.close());
    EXPECT_FALSE(process.files.info(kTails)) << "an orderly stop needs none";
  }
  void expect_sound_files() {
    StoreOptions walking = options();
    walking.queues_walked_at_start = 1'000;
    SimStore process(disk_);
    ASSERT_TRUE(process.open(walking));
    EXPECT_TRUE(process.store->recovery().repairs.empty()) << process.store->recovery().repairs.front();
    ledger_.expect_all(process);
    ASSERT_TRUE(process.close());
  }
  void damage(const std::function<void(io::FileSystem&)>& change) {
    sim::SimFileSystem files(disk_, system_clock());
    change(files);
  }

  sim::SimDisk disk_{7};
  SimLedger ledger_;
  int number_ = 0;
};

TEST_P(Tails, SpareTheNextStartTheLog) {
  live();
  expect_start(0);
  expect_sound_files();
}

TEST_P(Tails, OfAStoreWithoutNotedEndsAreOfNoUse) {
  {
    SimStore process(disk_);
    ASSERT_TRUE(process.open(options()));
    send(process, 30);
    ASSERT_TRUE(stop_at_once(process));
  }
  expect_start(30);
  expect_sound_files();
}

TEST_P(Tails, AreOfNoUseAfterALossOfPower) {
  live();
  disk_.power_loss();
  expect_start(50);
  expect_sound_files();
}

TEST_P(Tails, AreGoodForSeveralCrashes) {
  live();
  for (int life = 1; life < 4; ++life) {
    SimStore process(disk_);
    ASSERT_TRUE(process.open(options()));
    EXPECT_EQ(process.store->recovery().redispatched, 5 * (life - 1));
    ledger_.expect_all(process);
    send(process, 5);
  }
  expect_start(15);
  expect_sound_files();
}

TEST_P(Tails, AreOfNoUseWhenAnotherServerHasStarted) {
  live();
  damage([](io::FileSystem& files) {
    auto file = files.open("/store/lock", io::OpenMode::kReadWrite);
    ASSERT_TRUE((*file)->write_at(0, as_bytes(std::string_view("lock"))));
  });
  SimStore process(disk_);
  ASSERT_TRUE(process.open(options()));
  EXPECT_GE(process.store->recovery().redispatched, 50);
  EXPECT_FALSE(process.files.info(kTails));
  ledger_.expect_all(process);
}

TEST_P(Tails, AreOfNoUseWhenDamaged) {
  for (const bool cut : {true, false}) {
    live();
    damage([&](io::FileSystem& files) {
      auto file = files.open(kTails, io::OpenMode::kReadWrite);
      ASSERT_TRUE(file);
      const std::uint64_t size = *(*file)->size();
      ASSERT_TRUE(cut ? (*file)->truncate(size - 20)
                      : (*file)->write_at(size / 2, as_bytes(std::string_view("damage"))));
    });
    expect_start(50);
  }
  expect_sound_files();
}

TEST_P(Tails, GoWhenEndsAreNotedAgain) {
  live();
  std::string old;
  {
    SimStore process(disk_);
    ASSERT_TRUE(process.open(options()));
    old = *io::read_file(process.files, kTails, 1 << 20);
    ASSERT_TRUE(process.append({.topic = "Gone", .body = "old"}));
    ASSERT_TRUE(process.store->delete_topic("Gone"));
    EXPECT_FALSE(process.files.info(kTails));
    send(process, 10);
  }
  // Nor is a stray one taken for that of now.
  damage([&](io::FileSystem& files) {
    auto file = files.open(kTails, io::OpenMode::kCreate);
    ASSERT_TRUE((*file)->write_at(0, as_bytes(old)));
  });
  SimStore process(disk_);
  ASSERT_TRUE(process.open(options()));
  EXPECT_FALSE(process.files.info(kTails));
  EXPECT_EQ(process.store->find_queue("Gone", QueueId(0)), nullptr);
  ledger_.expect_all(process);
}

TEST_P(Tails, ThatCannotBeWrittenAreDoneWithout) {
  disk_.add_fault({.op = sim::DiskOp::kWrite, .path_contains = "queuetails", .times = UINT64_MAX, .os_error = ENOSPC});
  live();
  disk_.clear_faults();
  damage([](io::FileSystem& files) { EXPECT_FALSE(files.info(std::string(kTails) + ".tmp")); });
  expect_start(50);
}

// What the last process wrote to queue files without syncing it must be durable before it is noted.
TEST_P(Tails, MakeTheNextProcessSyncWhatTheLastOneWrote) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    sim::SimDisk disk(seed);
    SimLedger ledger;
    const auto fill = [&](SimStore& process, int count) {
      for (int i = 0; i < count; ++i) {
        const SimMessage message{.topic = "TopicB", .queue = i % 2, .body = "body " + std::to_string(number_++)};
        auto entry = process.append(message);
        ASSERT_TRUE(entry);
        ledger.appended(message, entry->queue_offset.value());
      }
    };
    {
      SimStore process(disk);
      ASSERT_TRUE(process.open(options()));
      fill(process, 20);
      process.world.run_for(Milliseconds(1'000));
      fill(process, 100);
      ASSERT_TRUE(process.flush());
    }
    ledger.flushed();
    {
      SimStore process(disk);
      ASSERT_TRUE(process.open(options()));  // Makes 100 entries and writes most of them.
      ASSERT_TRUE(stop_at_once(process));
    }
    {
      SimStore process(disk);
      ASSERT_TRUE(process.open(options()));
      EXPECT_EQ(process.store->recovery().redispatched, 0);
      fill(process, 200);
      process.world.run_for(Milliseconds(1'000));
      ASSERT_TRUE(process.flush());
      ledger.flushed();
    }
    disk.power_loss();
    SimStore process(disk);
    ASSERT_TRUE(process.open(options()));
    EXPECT_FALSE(process.store->recovery().queues_doubted);
    ledger.expect_all(process);
  }
}

TEST_P(Tails, SurviveManyLives) {
  Random random(3);
  for (int life = 0; life < 60; ++life) {
    SCOPED_TRACE(life);
    {
      SimStore process(disk_);
      ASSERT_TRUE(process.open(options()));
      ledger_.expect_all(process);
      send(process, static_cast<int>(random.below(60)));
      process.world.run_for(Milliseconds(static_cast<std::int64_t>(random.below(400))));
      send(process, static_cast<int>(random.below(20)));
      switch (random.below(3)) {
        case 0:
          ASSERT_TRUE(stop_at_once(process));
          break;
        case 1:
          ASSERT_TRUE(process.close());
          break;
        default:
          ASSERT_TRUE(process.flush());
      }
      ledger_.flushed();
    }
    if (random.below(4) == 0) disk_.power_loss();
  }
  expect_sound_files();
}

INSTANTIATE_TEST_SUITE_P(Kinds, Tails, ::testing::Bool(),
                         [](const auto& kind) { return kind.param ? "BatchQueues" : "SimpleQueues"; });

}  // namespace
}  // namespace ogive::store
