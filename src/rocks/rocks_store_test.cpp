// Stores with queues and metadata in RocksDB: opened, served and left so that the databases say what the log does.

#include "rocks/rocks_store.h"

#include <gtest/gtest.h>

#include "protocol/json.h"
#include "rocks/rocks_store_for_test.h"

namespace ogive::rocks {
namespace {

TEST_F(RocksStoreTest, IsNoneWithoutDatabases) {
  auto rocks = RocksStore::open(io::posix_file_system(), root_, {});
  ASSERT_TRUE(rocks);
  EXPECT_EQ(*rocks, nullptr);
  EXPECT_TRUE(fs::is_empty(root_));
}

TEST_F(RocksStoreTest, TheDatabasesOfANewStoreFollowItsLog) {
  ASSERT_TRUE(open({.wanted = true}));
  for (int i = 0; i < 300; ++i) send(i % 3 == 0 ? "Other" : "Topic", i % 2, std::string(5'000, 'b'));
  note_queues();
  ASSERT_TRUE(close());
  expect_databases_level();
  ASSERT_TRUE(open()) << "what is there says what it is";
  send("Topic", 0, "more");
  ASSERT_TRUE(store_->delete_topic("Other"));
  note_queues();
  ASSERT_TRUE(close());
  expect_databases_level();
}

TEST_F(RocksStoreTest, AfterACrashTheDatabasesGoOnFromWhereTheyWere) {
  ASSERT_TRUE(open({.wanted = true}));
  send("Topic", 0, "one");
  ASSERT_TRUE(close());
  ASSERT_TRUE(open());
  for (int i = 0; i < 40; ++i) send("Topic", 0, "lost to the databases");
  crash();
  ASSERT_TRUE(open());
  EXPECT_EQ(store_->find_queue("Topic", QueueId(0))->max_offset().value(), 41);
  note_queues();
  ASSERT_TRUE(close());
  expect_databases_level();
}

TEST_F(RocksStoreTest, AQueueWhoseMessagesAreGoneGoesOnWhereItWas) {
  ASSERT_TRUE(open({.wanted = true}));
  send("Topic", 0, "one");
  ASSERT_TRUE(close());
  {
    auto database = QueueDatabase::open(root_ + "/consumequeue", Database::Mode::kWrite);
    ASSERT_TRUE(database);
    ASSERT_TRUE((*database)->set_end({"Expired", QueueId(2), 76, -1}));
    ASSERT_TRUE((*database)->set_end({"Ahead", QueueId(0), 9, 1 << 30})) << "its record was lost with the power";
  }
  ASSERT_TRUE(open());
  send("Expired", 2, "next");
  EXPECT_EQ(store_->find_queue("Expired", QueueId(2))->min_offset().value(), 77);
  EXPECT_EQ(store_->find_queue("Expired", QueueId(2))->max_offset().value(), 78);
  EXPECT_EQ(store_->find_queue("Ahead", QueueId(0)), nullptr);
  note_queues();
  ASSERT_TRUE(close());
  expect_databases_level();
}

TEST_F(RocksStoreTest, QueueFilesOfAnotherTimeAreOfNoAccount) {
  ASSERT_TRUE(open({.wanted = true}));
  for (int i = 0; i < 10; ++i) send("Topic", 0, "body");
  note_queues();
  ASSERT_TRUE(close());
  // Our queue files are those of an earlier log, and the checkpoint is another server's.
  std::fstream queue(root_ + "/consumequeue_ogive/Topic/0/00000000000000000000",
                     std::ios::in | std::ios::out | std::ios::binary);
  std::string entry(20, '\0');
  queue.read(entry.data(), 20);
  queue.seekp(20 * 4);
  queue.write(entry.data(), 20);
  queue.close();
  std::fstream(root_ + "/checkpoint", std::ios::in | std::ios::out | std::ios::binary).put(1);
  ASSERT_TRUE(open());
  const auto before = places_;
  note_queues();
  EXPECT_EQ(places_, before);
  EXPECT_EQ(store_->find_queue("Topic", QueueId(0))->max_offset().value(), 10);
  ASSERT_TRUE(close());
}

TEST_F(RocksStoreTest, TheNewerOfFilesAndDatabaseCounts) {
  const std::string path = root_ + "/config/topics.json";
  const auto file_says = [&](std::string_view topic, int counter) {
    std::ofstream(path) << R"({"dataVersion":{"counter":)" << counter << R"(},"topicConfigTable":{")" << topic
                        << R"(":{"topicName":")" << topic << R"("}}})";
  };
  ASSERT_TRUE(open({.wanted = true}));
  file_says("First", 7);
  ASSERT_TRUE(close());
  fs::remove(path);
  ASSERT_TRUE(open());
  EXPECT_NE(read_whole(path).find("\"First\""), std::string::npos);
  EXPECT_NE(read_whole(path).find("\"counter\":8"), std::string::npos) << "RocketMQ takes the newer one over";
  file_says("Second", 9);
  crash();
  ASSERT_TRUE(open());
  EXPECT_NE(read_whole(path).find("\"Second\""), std::string::npos) << "it was not saved into the database";
  ASSERT_TRUE(close());
  file_says("Stale", 9);
  ASSERT_TRUE(open());
  EXPECT_EQ(read_whole(path).find("\"Stale\""), std::string::npos) << "another server may have written since";
  EXPECT_EQ(read_whole(path).find("\"First\""), std::string::npos) << "what was removed does not come back";
  ASSERT_TRUE(close());
}

// docs/guide/migration.md says so.
TEST_F(RocksStoreTest, ItsQueueFilesAreThoseOfAStoreWithoutDatabases) {
  ASSERT_TRUE(open({.wanted = true}));
  for (int i = 0; i < 20; ++i) send("Topic", i % 2, "body");
  ASSERT_TRUE(close());
  for (const char* name : {"consumequeue", "config/topics", "config/subscriptionGroups", "config/consumerOffsets"}) {
    fs::rename(root_ + "/" + name, folder_ + "/" + fs::path(name).filename().string());
  }
  fs::rename(root_ + "/consumequeue_ogive", root_ + "/consumequeue");
  auto rocks = RocksStore::open(io::posix_file_system(), root_, {});
  ASSERT_TRUE(rocks);
  EXPECT_EQ(*rocks, nullptr);
  auto store = store::MessageStore::open({io::posix_file_system(), system_clock(), flusher_, background_}, options());
  ASSERT_TRUE(store) << store.error().message();
  EXPECT_TRUE((*store)->recovery().repairs.empty());
  EXPECT_EQ((*store)->recovery().redispatched, 0);
  EXPECT_EQ((*store)->find_queue("Topic", QueueId(1))->max_offset().value(), 10);
  ASSERT_TRUE((*store)->close());
}

TEST_F(RocksStoreTest, RefusesWhatIsNotServedAndChangesNothing) {
  fs::create_directories(root_ + "/config/rdb");
  std::ofstream(root_ + "/config/rdb/CURRENT") << "MANIFEST-000005\n";
  const auto before = all_files(root_);
  Status opened = open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), Errc::kUnsupported);
  EXPECT_EQ(opened.error().message(),
            root_ +
                "/config/rdb is a RocksDB database: the store's topics, groups and offsets were written with "
                "configManagerVersion=v2, which is not served. Nothing was changed. Open it with RocketMQ 5.5.0, or "
                "set another storePathRootDir");
  EXPECT_EQ(all_files(root_), before);
  fs::remove_all(root_ + "/config");
  for (const char* name : {"consumequeue", "consumequeue_rocksdb"}) {
    fs::create_directories(root_ + "/" + name);
    std::ofstream(root_ + "/" + name + "/CURRENT") << "MANIFEST-000005\n";
  }
  opened = open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().message().find("both " + root_ + "/consumequeue and "), 0u) << opened.error().message();
  fs::remove_all(root_ + "/consumequeue");
  fs::remove_all(root_ + "/consumequeue_rocksdb");
  fs::create_directories(root_ + "/consumequeue/Topic/0");
  opened = open({.wanted = true});
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message().find("Remove the key"), std::string::npos);
  EXPECT_TRUE(all_files(root_).empty());
}

TEST_F(RocksStoreTest, OpensARecordedStoreAndKeepsItsDatabases) {
  if (!unpack_recording()) GTEST_SKIP() << "../shared/golden/store-5.5.0-rocksdb is not there";
  std::map<std::string, std::string> entries;
  {
    auto database = QueueDatabase::open(root_ + "/consumequeue", Database::Mode::kRead);
    ASSERT_TRUE(database) << database.error().message();
    EXPECT_EQ(*(*database)->covered(), 0x1170dd);
    EXPECT_TRUE((*database)->for_each_entry(
        [&](std::string_view topic, QueueId id, std::int64_t offset, const QueueRecord& record) -> Status {
          entries[std::string(topic) + " " + std::to_string(id.value()) + " " + std::to_string(offset)] =
              std::to_string(record.physical_offset) + " " + std::to_string(record.tags_code) + " " +
              std::to_string(record.store_time_ms);
          return {};
        }));
    EXPECT_EQ(entries.size(), 95u);
  }
  ASSERT_TRUE(open());
  for (const auto& [name, value] : entries) {
    std::istringstream words(name);
    std::string topic;
    int id = 0;
    std::int64_t offset = 0;
    words >> topic >> id >> offset;
    store::ConsumeQueue* queue = store_->find_queue(topic, QueueId(id));
    ASSERT_NE(queue, nullptr) << name;
    auto entry = store_->queue_entry(*queue, QueueOffset(offset));
    ASSERT_TRUE(entry) << name;
    EXPECT_TRUE(value.starts_with(std::to_string(entry->physical_offset) + " ")) << name;
  }
  const auto topics =
      protocol::from_json<protocol::TopicConfigSerializeWrapper>(read_whole(root_ + "/config/topics.json"));
  ASSERT_TRUE(topics);
  EXPECT_EQ(topics->topic_config_table.size(), 26u);
  EXPECT_EQ(topics->data_version.counter, 13);
  const auto groups =
      protocol::from_json<protocol::SubscriptionGroupWrapper>(read_whole(root_ + "/config/subscriptionGroup.json"));
  ASSERT_TRUE(groups);
  EXPECT_EQ(groups->subscription_group_table.size(), 12u);
  const auto offsets =
      protocol::from_json<protocol::ConsumerOffsetSerializeWrapper>(read_whole(root_ + "/config/consumerOffset.json"));
  ASSERT_TRUE(offsets);
  EXPECT_EQ(offsets->offset_table.at("TopicA@GroupA").at(2), 7);
  note_queues();
  ASSERT_TRUE(close());
  expect_databases_level();
}

}  // namespace
}  // namespace ogive::rocks
