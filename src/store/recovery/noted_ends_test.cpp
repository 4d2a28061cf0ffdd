// Starts that rely on the noted ends of queues instead of looking at every file: what they spare, what they notice, and
// that notes which are old or wrong never lead to a lost message or to an offset that is given twice.

#include <gtest/gtest.h>

#include "store/local_message_store.h"
#include "store/queue/queue_ends.h"
#include "store/sim_store_for_test.h"

namespace ogive::store {
namespace {

constexpr const char* kEnds = "/store/queueends";
constexpr const char* kQueueDirectory = "/store/consumequeue/TopicA/1";

StoreOptions options() {
  StoreOptions made = SimStore::small_options();
  made.queues_walked_at_start = 0;
  return made;
}

SimMessage numbered(int number) {
  return {.topic = number % 3 == 0 ? "TopicB" : "TopicA",
          .queue = number % 2,
          .body = "body " + std::to_string(number) + std::string(static_cast<std::size_t>(number % 11) * 30, 'x')};
}

/// A disk and what was sent to it.
class NotedEnds : public ::testing::Test {
 protected:
  void send(SimStore& process, int count) {
    for (int i = 0; i < count; ++i) {
      const SimMessage message = numbered(number_++);
      auto entry = process.append(message);
      ASSERT_TRUE(entry) << entry.error().message();
      ledger_.appended(message, entry->queue_offset.value());
    }
  }
  /// Ends orderly, or killed `behind` messages after a checkpoint.
  void live(bool orderly, int behind = 7) {
    SimStore process(disk_);
    ASSERT_TRUE(process.open(options()));
    send(process, 100);
    process.world.run_for(Milliseconds(1'000));
    send(process, behind);
    ASSERT_TRUE(process.flush());
    if (orderly) {
      ASSERT_TRUE(process.close());
    }
  }
  void damage(const std::function<void(io::FileSystem&)>& change) {
    sim::SimFileSystem files(disk_, system_clock());
    change(files);
  }
  /// The next life finds everything and takes messages. `doubted`: it had to look at the files.
  void expect_all_found(bool doubted) {
    SimStore process(disk_);
    const Status opened = process.open(options());
    ASSERT_TRUE(opened) << opened.error().message();
    EXPECT_EQ(process.store->recovery().queues_doubted, doubted);
    ledger_.expect_all(process);
    send(process, 40);
    ledger_.expect_all(process);
    ASSERT_TRUE(process.close());
  }
  /// What any server finds in the files.
  void expect_sound_files() {
    SimStore process(disk_);
    ASSERT_TRUE(process.open());
    EXPECT_TRUE(process.store->recovery().repairs.empty()) << process.store->recovery().repairs.front();
    ledger_.expect_all(process);
    ASSERT_TRUE(process.close());
  }

  sim::SimDisk disk_{7};
  SimLedger ledger_;
  int number_ = 0;
};

void remove_below(io::FileSystem& files, const std::string& directory) {
  auto listed = files.list(directory);
  ASSERT_TRUE(listed);
  for (const io::FileInfo& info : *listed) {
    const std::string path = directory + "/" + info.name;
    if (info.is_directory) remove_below(files, path);
    ASSERT_TRUE(files.remove(path));
  }
}

void overwrite(io::FileSystem& files, const std::string& path, std::uint64_t at, std::string_view bytes) {
  auto file = files.open(path, io::OpenMode::kReadWrite);
  ASSERT_TRUE(file) << path;
  ASSERT_TRUE((*file)->write_at(at, as_bytes(bytes)));
}

void restore(io::FileSystem& files, const std::string& path, std::string_view content) {
  auto file = files.open(path, io::OpenMode::kCreate);
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->truncate(0));
  ASSERT_TRUE((*file)->write_at(0, as_bytes(content)));
}

TEST_F(NotedEnds, AStartOpensNoQueueFile) {
  live(true);
  for (const bool orderly : {true, false}) {
    SCOPED_TRACE(orderly);
    SimStore process(disk_);
    disk_.add_fault({.op = sim::DiskOp::kOpen, .path_contains = "/consumequeue/", .times = UINT64_MAX});
    ASSERT_TRUE(process.open(options()));
    disk_.clear_faults();
    ledger_.expect_all(process);
  }
}

TEST_F(NotedEnds, AfterACrashOnlyTheLogBehindThemIsRead) {
  live(false, 9);
  SimStore process(disk_);
  ASSERT_TRUE(process.open(options()));
  EXPECT_EQ(process.store->recovery().redispatched, 9);
  EXPECT_TRUE(process.store->recovery().repairs.empty());
  ledger_.expect_all(process);
}

TEST_F(NotedEnds, SurviveManyCrashes) {
  for (int life = 0; life < 12; ++life) {
    live(life % 4 == 3, life);
    expect_all_found(false);
  }
  expect_sound_files();
}

TEST_F(NotedEnds, AreNotReliedOnWhenAnotherServerHasStarted) {
  for (const bool orderly : {true, false}) {
    SCOPED_TRACE(orderly);
    live(orderly);
    damage([](io::FileSystem& files) {
      overwrite(files, "/store/lock", 0, "lock");  // As RocketMQ does.
      remove_below(files, kQueueDirectory);
    });
    expect_all_found(true);
  }
  // Nor by a later start, although that one finds the store marked as ours.
  live(true);
  std::string old;
  damage([&](io::FileSystem& files) {
    old = *io::read_file(files, kEnds, 1 << 20);
    overwrite(files, "/store/lock", 0, "lock");
  });
  {
    SimStore process(disk_);
    ASSERT_TRUE(process.open(options()));
    EXPECT_NE(*io::read_file(process.files, kEnds, 1 << 20), old);
  }
  expect_all_found(false);
  expect_sound_files();
}

TEST_F(NotedEnds, OfAnotherTimeAreNotReliedOn) {
  live(true);
  std::string old;
  damage([&](io::FileSystem& files) { old = *io::read_file(files, kEnds, 1 << 20); });
  live(true);
  live(true);
  damage([&](io::FileSystem& files) {
    restore(files, kEnds, old);
    ASSERT_TRUE(files.remove(std::string(kQueueDirectory) + "/00000000000000000000"));
  });
  SimStore process(disk_);
  ASSERT_TRUE(process.open(options()));
  ledger_.expect_all(process);
}

TEST_F(NotedEnds, BehindTheLogsEndAreNotReliedOn) {
  live(true);
  damage([](io::FileSystem& files) {
    auto ends = load_queue_ends(files, kEnds);
    ASSERT_TRUE(ends);
    ++ends->log_end;
    ASSERT_TRUE(save_queue_ends(files, kEnds, *ends));
  });
  expect_all_found(true);
  expect_sound_files();
}

// What lies behind a damaged record is not lost with it: the checkpoint knows that the log goes on there.
TEST_F(NotedEnds, AreNotReliedOnWhenTheLogIsDamagedBehindThem) {
  std::vector<AppendBatch::Entry> sent;
  {
    SimStore process(disk_);
    ASSERT_TRUE(process.open(options()));
    send(process, 60);
    process.world.run_for(Milliseconds(1'000));
    // Less than makes the ends worth noting again, but written to the files.
    for (int i = 0; i < 20; ++i) {
      auto entry = process.append({.topic = "Late", .body = "late " + std::to_string(i)});
      ASSERT_TRUE(entry);
      sent.push_back(*entry);
    }
    process.world.run_for(Milliseconds(1'000));
  }
  const std::int64_t damaged = sent[10].physical_offset.value();
  constexpr std::int64_t kFileBytes = 8 << 10;
  damage([&](io::FileSystem& files) {
    ASSERT_LE(load_queue_ends(files, kEnds)->safe_offset, sent[0].physical_offset.value());
    const std::string name = std::to_string(damaged - damaged % kFileBytes);
    overwrite(files, "/store/commitlog/" + std::string(20 - name.size(), '0') + name,
              static_cast<std::uint64_t>(damaged % kFileBytes) + 90, "damage");
  });
  {
    SimStore process(disk_);
    ASSERT_TRUE(process.open(options()));
    EXPECT_TRUE(process.store->recovery().queues_doubted);
    EXPECT_EQ(process.store->find_queue("Late", QueueId(0))->max_offset().value(), 20);
    for (int i = 0; i < 20; ++i) {
      if (i != 10) {
        EXPECT_EQ(process.body_at("Late", 0, i), "late " + std::to_string(i));
      }
    }
    send(process, 60);
    ASSERT_TRUE(process.close());
  }
  expect_sound_files();
}

TEST_F(NotedEnds, AreReliedOnAfterRetentionHasRemovedFiles) {
  StoreOptions small = options();
  small.retention.max_bytes = 24 << 10;
  small.retention.interval_ms = 1'000;
  for (int life = 0; life < 8; ++life) {
    SCOPED_TRACE(life);
    SimStore process(disk_);
    ASSERT_TRUE(process.open(small));
    EXPECT_FALSE(process.store->recovery().queues_doubted) << process.store->recovery().repairs.front();
    for (const auto& [topic, id] : process.store->queues()) {
      ConsumeQueue* queue = process.store->find_queue(topic, id);
      for (std::int64_t at = queue->min_offset().value(); at < queue->max_offset().value(); ++at) {
        ASSERT_TRUE(process.body_at(topic, id.value(), at).starts_with("body ")) << topic << " " << at;
      }
    }
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(process.append(numbered(number_++)));
    process.world.run_for(Milliseconds(300));
    // Only what retention notes itself counts: no checkpoint follows its removals.
    process.world.run_for(Milliseconds(3'000));
    if (life > 1) {
      EXPECT_GT(process.store->min_physical_offset().value(), 0);
    }
  }
}

TEST_F(NotedEnds, AreReliedOnAfterATopicWasDeleted) {
  live(true);
  {
    SimStore process(disk_);
    ASSERT_TRUE(process.open(options()));
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(process.append({.topic = "Gone", .body = "old"}));
    ASSERT_TRUE(process.store->delete_topic("Gone"));
    send(process, 10);
  }
  expect_all_found(false);
  expect_sound_files();
  SimStore process(disk_);
  ASSERT_TRUE(process.open());
  EXPECT_EQ(process.store->find_queue("Gone", QueueId(0)), nullptr);
}

// As a crash leaves them whose log has lost what they were made for.
// Writing out tens of thousands of queues takes longer than a stop may.
TEST_F(NotedEnds, AStopThatWouldTakeTooLongLeavesQueuesToTheNextStart) {
  for (int life = 0; life < 3; ++life) {
    SimStore process(disk_);
    ASSERT_TRUE(process.open(options()));
    EXPECT_FALSE(process.store->recovery().queues_doubted);
    ledger_.expect_all(process);
    send(process, 100);
    ASSERT_TRUE(static_cast<LocalMessageStore&>(*process.store).close_within(Milliseconds(0)));
    // A server that does not know the ends must know that it has to look.
    EXPECT_TRUE(process.files.info("/store/abort"));
  }
  disk_.power_loss();
  for (int life = 0; life < 2; ++life) {
    SimStore walker(disk_);
    ASSERT_TRUE(walker.open());
    ledger_.expect_all(walker);
    send(walker, 10);
    ASSERT_TRUE(static_cast<LocalMessageStore&>(*walker.store).close_within(Milliseconds(0)));
    EXPECT_FALSE(walker.files.info("/store/abort")) << "few queues are written, however long it takes";
  }
}

TEST_F(NotedEnds, AFileBehindTheNotedOnesIsMadeAnew) {
  live(true);
  damage([](io::FileSystem& files) {
    auto listed = files.list(kQueueDirectory);
    const std::string last = std::to_string(320 + std::stoll(listed->back().name));
    restore(files, std::string(kQueueDirectory) + "/" + std::string(20 - last.size(), '0') + last,
            std::string(320, '\x01'));
  });
  expect_all_found(false);
  expect_sound_files();
}

TEST_F(NotedEnds, WithoutAnyQueueFileAllIsMadeAnew) {
  live(true);
  damage([](io::FileSystem& files) { remove_below(files, "/store/consumequeue"); });
  expect_all_found(true);
  damage([](io::FileSystem& files) {
    remove_below(files, "/store/consumequeue/TopicB");
    ASSERT_TRUE(files.remove("/store/consumequeue/TopicB"));
  });
  expect_all_found(true);
  expect_sound_files();
}

// Nobody looks below a topic: what is missing there is an error to whoever asks for it, and made anew by the next
// start.
TEST_F(NotedEnds, AMissingQueueDirectoryIsMetWhenItIsRead) {
  for (const bool read_first : {true, false}) {
    SCOPED_TRACE(read_first);
    live(true);
    damage([](io::FileSystem& files) {
      remove_below(files, kQueueDirectory);
      ASSERT_TRUE(files.remove(kQueueDirectory));
    });
    {
      SimStore process(disk_);
      ASSERT_TRUE(process.open(options()));
      if (read_first) {
        EXPECT_NE(process.body_at("TopicA", 1, 0).find("is missing"), std::string::npos);
      }
      send(process, 40);  // At offsets nobody has, and written to new files.
      process.world.run_for(Milliseconds(1'000));
      EXPECT_TRUE(process.body_at("TopicA", 1, 0).starts_with("read status 8"));
      ASSERT_TRUE(process.close());
    }
    expect_all_found(true);
    expect_sound_files();
  }
}

TEST_F(NotedEnds, ADeletedTopicsFilesDoNotComeBackInTheTopicMadeAnew) {
  live(false);
  {
    SimStore process(disk_);
    ASSERT_TRUE(process.open(options()));
    ASSERT_TRUE(process.append({.topic = "Gone", .body = "old 0"}));
    for (int i = 1; i < 40; ++i) ASSERT_TRUE(process.append({.topic = "Gone", .body = "old"}));
    process.world.run_for(Milliseconds(1'000));
    // Its files cannot be removed, as when a crash undoes it.
    disk_.add_fault({.op = sim::DiskOp::kRemove, .path_contains = "/Gone/", .times = UINT64_MAX});
    EXPECT_FALSE(process.store->delete_topic("Gone"));
    disk_.clear_faults();
  }
  SimStore process(disk_);
  ASSERT_TRUE(process.open(options()));
  EXPECT_EQ(process.store->find_queue("Gone", QueueId(0)), nullptr);
  auto entry = process.append({.topic = "Gone", .body = "new"});
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->queue_offset.value(), 0);
  ASSERT_TRUE(process.close());
  process.store.reset();
  SimStore walker(disk_);
  ASSERT_TRUE(walker.open());
  EXPECT_EQ(walker.store->find_queue("Gone", QueueId(0))->max_offset().value(), 1);
  EXPECT_EQ(walker.body_at("Gone", 0, 0), "new");
  ledger_.expect_all(walker);
}

// Otherwise a loss of power leaves entries whose records are gone, in queues that nothing in the log names.
TEST_F(NotedEnds, EntriesReachFilesBehindTheirRecordsOnly) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    sim::SimDisk disk(seed);
    SimLedger ledger;
    StoreOptions lazy = options();
    lazy.flush_interval = Milliseconds(1'000'000);
    {
      SimStore process(disk);
      ASSERT_TRUE(process.open(lazy));
      for (int i = 0; i < 60; ++i) ASSERT_TRUE(process.append(numbered(i)));
      process.world.run_for(Milliseconds(150 + 10 * static_cast<std::int64_t>(seed)));
      for (int i = 60; i < 90; ++i) ASSERT_TRUE(process.append(numbered(i)));
      process.world.run_for(Milliseconds(10 * static_cast<std::int64_t>(seed)));
    }
    disk.power_loss();
    {
      SimStore process(disk);
      ASSERT_TRUE(process.open(options()));
      // Everything behind what was lost has other places now.
      for (int i = 0; i < 50; ++i) {
        const SimMessage message{.topic = "TopicC", .body = "after " + std::to_string(i)};
        auto entry = process.append(message);
        ASSERT_TRUE(entry);
        ledger.appended(message, entry->queue_offset.value());
      }
      ASSERT_TRUE(process.close());
    }
    SimStore walker(disk);
    ASSERT_TRUE(walker.open());
    EXPECT_TRUE(walker.store->recovery().repairs.empty()) << walker.store->recovery().repairs.front();
    ledger.expect_all(walker);
    for (const auto& [topic, id] : walker.store->queues()) {
      ConsumeQueue* queue = walker.store->find_queue(topic, id);
      for (std::int64_t at = 0; at < queue->max_offset().value(); ++at) {
        ASSERT_FALSE(walker.body_at(topic, id.value(), at).starts_with("read status")) << topic << " " << at;
      }
    }
  }
}

}  // namespace
}  // namespace ogive::store
