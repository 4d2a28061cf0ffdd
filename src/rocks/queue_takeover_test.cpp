// The first start after another server had the store: queues come from its database, as far as that can be relied on,
// and from the log otherwise; which of the two, nobody can tell by what is served.

#include "rocks/queue_takeover.h"

#include <gtest/gtest.h>

#include <array>

#include "base/bytes.h"
#include "base/clock.h"
#include "rocks/rocks_store_for_test.h"

namespace ogive::rocks {
namespace {

class QueueTakeoverTest : public RocksStoreTest {
 protected:
  void send_many(int count) {
    for (int i = 0; i < count; ++i) send(i % 3 == 0 ? "Other" : "Topic", i % 2, std::string(1'000, 'b'));
  }
  /// A store that ended in order, as far as another server's.
  void make_store() {
    ASSERT_TRUE(open({.wanted = true}));
    send_many(1'000);
    note_queues();
    ASSERT_TRUE(close());
    hand_over();
  }
  /// A batch that the log had no file for yet is not among them.
  std::int64_t all() const {
    std::int64_t count = 0;
    for (const auto& [queue, end] : queue_ends_) count += end;
    return count;
  }
  void hand_over() {
    std::fstream checkpoint(root_ + "/checkpoint", std::ios::in | std::ios::out | std::ios::binary);
    checkpoint.seekg(7);
    const int last = checkpoint.get();
    checkpoint.seekp(7);
    checkpoint.put(static_cast<char>(last ^ 1));  // Of the first time: the sum no longer matches.
    fs::remove_all(root_ + "/consumequeue_ogive");
  }
  /// Everything is where it was. Returns how many records were read.
  std::int64_t expect_same() {
    const auto places = places_;
    const auto ends = queue_ends_;
    const Status opened = open();
    EXPECT_TRUE(opened) << opened.error().message();
    if (!opened) return -1;
    note_queues();
    EXPECT_EQ(places_, places);
    EXPECT_EQ(queue_ends_, ends);
    return store_->recovery().redispatched;
  }
  void expect_clean_databases() {
    ASSERT_TRUE(close());
    expect_databases_level();
  }
  void change_database(const std::function<void(Database&, Batch&)>& change) {
    auto database = Database::open(root_ + "/consumequeue", Database::Mode::kWrite, {});
    ASSERT_TRUE(database) << database.error().message();
    Batch batch;
    change(**database, batch);
    ASSERT_TRUE((*database)->write(batch, true));
    ASSERT_TRUE((*database)->flush());
  }
};

TEST_F(QueueTakeoverTest, ReadsNothingOfALogThatIsCovered) {
  make_store();
  EXPECT_EQ(expect_same(), 0);
  EXPECT_TRUE(store_->recovery().repairs.empty()) << store_->recovery().repairs.front();
  send_many(10);
  note_queues();
  expect_clean_databases();
  ASSERT_TRUE(open());
  EXPECT_EQ(store_->recovery().redispatched, 0) << "our own files count now";
}

TEST_F(QueueTakeoverTest, ReadsTheLogBehindWhatIsCovered) {
  make_store();
  ASSERT_EQ(expect_same(), 0);
  ASSERT_TRUE(close());
  fs::copy(root_ + "/consumequeue", folder_ + "/old", fs::copy_options::recursive);
  ASSERT_TRUE(open());
  const std::int64_t covered = all();
  send_many(30);
  note_queues();
  const std::int64_t behind = all() - covered;
  EXPECT_GT(behind, 20);
  ASSERT_TRUE(close());
  fs::remove_all(root_ + "/consumequeue");
  fs::rename(folder_ + "/old", root_ + "/consumequeue");
  hand_over();
  EXPECT_EQ(expect_same(), behind);
  expect_clean_databases();
}

TEST_F(QueueTakeoverTest, AfterACrashTheLogIsReadFromTheCheckpointOn) {
  make_store();
  std::ofstream(root_ + "/abort") << "1";
  const std::int64_t read = expect_same();
  EXPECT_GT(read, 0);
  EXPECT_FALSE(store_->recovery().clean);
  expect_clean_databases();
}

// RocketMQ's checkpoint speaks of what was given to its database, which forgets the last of it in a crash.
TEST_F(QueueTakeoverTest, AfterACrashTheCheckpointIsNotBelievedMoreThanTheDatabase) {
  ASSERT_TRUE(open({.wanted = true}));
  send_many(50);
  ASSERT_TRUE(close());
  fs::copy(root_ + "/consumequeue", folder_ + "/old", fs::copy_options::recursive);
  ASSERT_TRUE(open());
  for (int i = 0; i < 20; ++i) send("Late", 0, "behind what is covered");
  // Up to the next file of the log and beyond, without a queue in which a gap would be seen.
  for (int i = 0; i < 130; ++i) send("Wide", i, std::string(10'000, 'b'));
  note_queues();
  ASSERT_GT(store_end_, 1 << 20);
  ASSERT_TRUE(close());
  fs::remove_all(root_ + "/consumequeue");
  fs::rename(folder_ + "/old", root_ + "/consumequeue");
  hand_over();
  std::array<char, 16> future{};
  store_be(future.data(), system_clock().wall_ms() + 3'600'000);
  store_be(future.data() + 8, system_clock().wall_ms() + 3'600'000);
  std::fstream(root_ + "/checkpoint", std::ios::in | std::ios::out | std::ios::binary)
      .write(future.data(), future.size());
  std::ofstream(root_ + "/abort") << "1";
  EXPECT_GE(expect_same(), 150);
  expect_clean_databases();
}

// The log lost its end with the power, the database did not.
TEST_F(QueueTakeoverTest, EntriesBehindTheLogsEndAreNotTakenOver) {
  make_store();
  const auto last =
      std::ranges::max_element(places_, {}, [](const auto& queue) { return queue.second.rbegin()->second; });
  const std::int64_t place = last->second.rbegin()->second;
  const std::string file = root_ + "/commitlog/" + [&] {
    const std::string digits = std::to_string(place / (1 << 20) * (1 << 20));
    return std::string(20 - digits.size(), '0') + digits;
  }();
  std::fstream log(file, std::ios::in | std::ios::out | std::ios::binary);
  log.seekp(place % (1 << 20));
  log << std::string(static_cast<std::size_t>(store_end_ - place), '\0');
  log.close();
  std::ofstream(root_ + "/abort") << "1";
  last->second.erase(std::prev(last->second.end()));
  --queue_ends_[last->first];
  EXPECT_GT(expect_same(), 0);
  expect_clean_databases();
}

TEST_F(QueueTakeoverTest, ReadsTheWholeLogWhenEntriesAreMissing) {
  make_store();
  for (const std::int64_t offset :
       {queue_ends_.at({"Topic", 1}) - 1, std::int64_t{300}, std::int64_t{77}, std::int64_t{0}}) {
    SCOPED_TRACE(offset);
    change_database([&](Database& database, Batch& batch) {
      ASSERT_TRUE(*database.get(kDefaultFamily, format_entry_key("Topic", QueueId(1), offset)));
      database.remove(batch, kDefaultFamily, format_entry_key("Topic", QueueId(1), offset));
    });
    EXPECT_EQ(expect_same(), all());
    ASSERT_TRUE(close());
    hand_over();
  }
}

TEST_F(QueueTakeoverTest, ReadsTheWholeLogWhenEntriesAreOutOfOrder) {
  make_store();
  change_database([&](Database& database, Batch& batch) {
    const auto other = database.get(kDefaultFamily, format_entry_key("Topic", QueueId(0), 20));
    ASSERT_TRUE(other && *other);
    database.put(batch, kDefaultFamily, format_entry_key("Topic", QueueId(0), 100), **other);
  });
  EXPECT_EQ(expect_same(), all());
  ASSERT_TRUE(close());
}

TEST_F(QueueTakeoverTest, ReadsTheWholeLogWhenAQueueHasNoEntries) {
  make_store();
  change_database([&](Database& database, Batch& batch) {
    database.remove_range(batch, kDefaultFamily, format_entry_key("Other", QueueId(0), 0),
                          format_entry_key("Other", QueueId(0), INT64_MAX));
  });
  EXPECT_EQ(expect_same(), all());
  ASSERT_TRUE(close());
}

// Its queue would be taken for one of a deleted topic, and its messages would silently be missing.
TEST_F(QueueTakeoverTest, AnEndOfAnotherFormIsNotPassedOver) {
  make_store();
  change_database([&](Database& database, Batch& batch) {
    const std::string key = format_end_key("Other", QueueId(0), kMaxEnd);
    const auto value = database.get("offset", key);
    ASSERT_TRUE(value && *value);
    database.remove(batch, "offset", key);
    database.put(batch, "offset", "\xff" + key.substr(1), **value);
  });
  const Status opened = open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), Errc::kCorrupt);
  EXPECT_NE(opened.error().message().find("move it away"), std::string::npos) << opened.error().message();
  crash();
  fs::remove_all(root_ + "/consumequeue");
  expect_same();
  expect_clean_databases();
}

TEST_F(QueueTakeoverTest, ADeletedTopicDoesNotComeBack) {
  make_store();
  change_database([&](Database& database, Batch& batch) {
    for (const int id : {0, 1}) {
      const std::string key = format_end_key("Other", QueueId(id), kMaxEnd);
      ASSERT_TRUE(*database.get("offset", key));
      database.remove(batch, "offset", key);
    }
  });
  for (const int id : {0, 1}) {
    places_.erase({"Other", id});
    queue_ends_.erase({"Other", id});
  }
  EXPECT_EQ(expect_same(), 0);
  ASSERT_TRUE(close());
}

TEST_F(QueueTakeoverTest, BatchQueuesAreMadeFromTheLog) {
  make_store();
  fs::create_directories(root_ + "/batchconsumequeue/TopicBcq/0");
  EXPECT_EQ(expect_same(), all());
  ASSERT_TRUE(close());
}

}  // namespace
}  // namespace ogive::rocks
