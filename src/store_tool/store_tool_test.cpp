#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <tuple>
#include <vector>

#include "io/thread_executor.h"
#include "store/checkpoint.h"
#include "store/message_store.h"
#include "store_tool/check.h"
#include "store_tool/commands.h"
#include "testing/source_dir.h"

namespace ogive::store_tool {
namespace {

namespace fs = std::filesystem;

/// The small recorded store of the repository, repaired once so that it is sound.
class StoreToolTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char path[] = "/tmp/ogive-store-tool-XXXXXX";
    ASSERT_NE(::mkdtemp(path), nullptr);
    folder_ = path;
    const std::string archive = source_dir() + "/tests/golden/store/small.tar.gz";
    ASSERT_EQ(std::system(("tar xzf '" + archive + "' -C '" + folder_ + "'").c_str()), 0);
    root_ = folder_ + "/store";
    std::ofstream(folder_ + "/broker.conf") << "maxHashSlotNum=5000\nmaxIndexNum=20000\n";
  }
  void TearDown() override { fs::remove_all(folder_); }

  StoreSizes sizes() const {
    StoreSizes sizes;
    sizes.index_shape = {5'000, 20'000};
    return sizes;
  }
  Report look() const {
    auto view = StoreView::open(io::posix_file_system(), root_, sizes());
    EXPECT_TRUE(view) << view.error().message();
    auto report = check_store(**view);
    EXPECT_TRUE(report) << report.error().message();
    return *report;
  }
  int tool(std::vector<std::string> words) const {
    words.insert(words.begin(), "store");
    words.insert(words.end(), {"-c", folder_ + "/broker.conf"});
    return run(words);
  }
  /// A store that was opened and closed again.
  void make_store() const {
    io::ThreadExecutor flusher("flusher"), background("background");
    store::StoreOptions options;
    options.root = root_;
    options.segment_bytes = 1 << 20;
    options.index_shape = {5'000, 20'000};
    auto store = store::MessageStore::open({io::posix_file_system(), system_clock(), flusher, background}, options);
    ASSERT_TRUE(store) << store.error().message();
    ASSERT_TRUE((*store)->close());
  }
  void overwrite(const std::string& path, std::streamoff at, std::string_view bytes) const {
    std::fstream file(root_ + "/" + path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

  static std::string content_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream content;
    content << in.rdbuf();
    return content.str();
  }

  std::string folder_, root_;
};

TEST_F(StoreToolTest, FindsARecordedStoreSound) {
  const Report report = look();
  EXPECT_EQ(report.worst(), Severity::kNote) << report.text();
  EXPECT_GT(report.counts().at("records"), 30);
  EXPECT_EQ(report.counts().at("log ends at"), 15'832);
}

TEST_F(StoreToolTest, RepairMakesQueuesAndIndexAnewAndKeepsEveryRecord) {
  const std::int64_t records = look().counts().at("records");
  overwrite("consumequeue/TopicA/0/00000000000000000000", 20, std::string(20, 'g'));
  EXPECT_EQ(look().worst(), Severity::kRepairs);
  EXPECT_EQ(tool({"check", root_}), 3);
  EXPECT_EQ(tool({"repair", root_}), 3);
  EXPECT_EQ(look().worst(), Severity::kRepairs) << "without --write nothing changes";
  EXPECT_EQ(tool({"repair", root_, "--write"}), 0);
  const Report after = look();
  EXPECT_EQ(after.worst(), Severity::kNote) << after.text();
  EXPECT_EQ(after.counts().at("records"), records);
  EXPECT_GT(after.counts().at("index entries"), 0);
}

TEST_F(StoreToolTest, ADamagedRecordIsALossAndTheOthersStay) {
  const std::int64_t records = look().counts().at("records");
  overwrite("commitlog/00000000000000000000", 90, "damage");
  const Report report = look();
  EXPECT_EQ(report.worst(), Severity::kLoss) << report.text();
  EXPECT_EQ(report.counts().at("records"), records - 1);
  EXPECT_EQ(tool({"check", root_, "--json"}), 4);
}

TEST_F(StoreToolTest, TellsLostAndForeignIndexEntries) {
  ASSERT_EQ(tool({"repair", root_, "--write"}), 0);
  fs::remove(root_ + "/consumequeue/TopicA/0/00000000000000000000");
  ASSERT_EQ(tool({"repair", root_, "--write"}), 0);
  EXPECT_EQ(look().worst(), Severity::kNote);
  const auto index = fs::directory_iterator(root_ + "/index")->path().filename().string();
  overwrite("index/" + index, 40 + 4 * 5'000 + 20 * 3, "gggg");
  EXPECT_EQ(look().worst(), Severity::kRepairs);
}

TEST_F(StoreToolTest, FindsTheShapeOfIndexFilesByItself) {
  fs::remove(root_ + "/consumequeue/TopicA/0/00000000000000000000");  // So that there is something to repair.
  ASSERT_EQ(tool({"repair", root_, "--write"}), 0);
  const std::int64_t entries = look().counts().at("index entries");
  auto view = StoreView::open(io::posix_file_system(), root_, {});
  ASSERT_TRUE(view);
  auto report = check_store(**view);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->worst(), Severity::kNote) << report->text();
  EXPECT_EQ(report->counts().at("index entries"), entries);
  EXPECT_NE(report->text().find("maxHashSlotNum=5000 and maxIndexNum=20000"), std::string::npos) << report->text();
}

TEST_F(StoreToolTest, TellsADamagedQueueOffset) {
  std::vector<std::int64_t> places;
  {
    auto view = StoreView::open(io::posix_file_system(), root_, sizes());
    ASSERT_TRUE(view);
    ASSERT_TRUE((*view)->walk(
        0,
        [&](const message::RecordView& record, ByteView) -> Status {
          if (record.topic == "TopicA" && record.queue_id == 0) places.push_back(record.physical_offset);
          return {};
        },
        [](const LogDamage&) {}));
  }
  ASSERT_GE(places.size(), 4u);
  const std::string log = "commitlog/00000000000000000000";
  const auto at = static_cast<std::streamoff>(message::kQueueOffsetPosition);
  for (const auto& [byte, value, claim] :
       std::vector<std::tuple<int, char, std::string>>{{7, 0x42, "message 66"},
                                                       {0, 0x10, "message 1152921504606846978"},
                                                       {7, 0, "message 0"},
                                                       {7, 1, "message 1"}}) {
    overwrite(log, places[2] + at, std::string("\0\0\0\0\0\0\0\2", 8));
    overwrite(log, places[2] + at + byte, std::string(1, value));
    const Report report = look();
    EXPECT_EQ(report.worst(), Severity::kLoss) << claim;
    EXPECT_NE(report.text().find("record at " + std::to_string(places[2]) + ": says it is " + claim), std::string::npos)
        << report.text();
    EXPECT_EQ(report.found(Severity::kLoss), 1) << report.text();
  }
}

TEST_F(StoreToolTest, TellsPositionsOutsideTheirQueues) {
  const auto write = [this](const std::string& name, const std::string& text) {
    std::ofstream(root_ + "/config/" + name) << text;
  };
  fs::create_directories(root_ + "/config");
  write("topics.json", R"({"topicConfigTable":{"TopicA":{"topicName":"TopicA"}},"dataVersion":{}})");
  write("consumerOffset.json",
        R"({"offsetTable":{"TopicA@G":{"0":1,"1":100000},"TopicA@H":{"0":-4},"Gone@G":{"0":7}}})");
  write("delayOffset.json", R"({"dataVersion":{},"offsetTable":{"3":99999}})");
  const Report report = look();
  EXPECT_EQ(report.worst(), Severity::kRepairs);
  const std::string text = report.text();
  EXPECT_NE(text.find("repairable: group G in queue 1 of TopicA: stands at 100000, beyond the queue's end"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("group H in queue 0 of TopicA: stands at -4"), std::string::npos) << text;
  EXPECT_NE(text.find("delay level 3 in queue 2 of SCHEDULE_TOPIC_XXXX: stands at 99999"), std::string::npos) << text;
  EXPECT_EQ(text.find("group G in queue 0"), std::string::npos) << text;
  EXPECT_EQ(report.counts().at("positions in topics that are gone"), 1);
  EXPECT_NE(report.json().find("stands at 100000"), std::string::npos);
}

TEST_F(StoreToolTest, ReadsEveryConfigurationFileAndItsBackup) {
  fs::create_directories(root_ + "/config");
  const std::string good = R"({"topicConfigTable":{},"dataVersion":{}})";
  std::ofstream(root_ + "/config/topics.json") << "{\"topicConfigTable\":";
  std::ofstream(root_ + "/config/topics.json.bak") << good;
  EXPECT_EQ(look().worst(), Severity::kRepairs) << "a start takes the backup";
  std::ofstream(root_ + "/config/topics.json.bak") << "garbage";
  EXPECT_EQ(look().worst(), Severity::kLoss) << "a broker would refuse to start";
  std::ofstream(root_ + "/config/topics.json") << good;
  EXPECT_EQ(look().worst(), Severity::kNote);
  std::ofstream(root_ + "/config/consumerFilter.json") << "{,}";
  EXPECT_EQ(look().worst(), Severity::kRepairs);
}

TEST_F(StoreToolTest, ExportsRecordsAsTheyAreStored) {
  ASSERT_EQ(tool({"export", root_, "--topic", "TopicA", "--queue", "0", "--count", "2", "--out", folder_ + "/out"}), 0);
  const std::string bytes = content_of(folder_ + "/out");
  auto first = message::decode_record(as_bytes(bytes));
  ASSERT_TRUE(first);
  EXPECT_EQ(as_chars(first->body), "body 00 body 01 body");
  auto second = message::decode_record(as_bytes(bytes).subspan(static_cast<std::size_t>(first->size)));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->queue_offset, 1);
  EXPECT_EQ(static_cast<std::size_t>(first->size + second->size), bytes.size());
  EXPECT_EQ(tool({"dump", root_, "--count", "3"}), 0);
  EXPECT_EQ(tool({"stat", root_, "--json"}), 0);
}

TEST_F(StoreToolTest, BringsBackWhatAStartCutOff) {
  const std::int64_t records = look().counts().at("records");
  ASSERT_EQ(tool({"export", root_, "--out", folder_ + "/before"}), 0);
  const std::string before = content_of(folder_ + "/before");
  const auto first = message::decode_record(as_bytes(before));
  ASSERT_TRUE(first);
  const std::string rest = before.substr(static_cast<std::size_t>(first->size));
  const auto second = message::decode_record(as_bytes(rest));
  ASSERT_TRUE(second);
  // The second record is damaged in a store that knows nothing of its past, as after a loss of power.
  overwrite("commitlog/00000000000000000000", first->size + 90, "damage");
  for (const char* name : {"checkpoint", "consumequeue", "batchconsumequeue", "index"}) {
    fs::remove_all(root_ + "/" + name);
  }
  std::ofstream(root_ + "/abort") << "1";
  EXPECT_EQ(tool({"export", root_, "--kept", "--out", folder_ + "/none"}), 0);
  EXPECT_EQ(content_of(folder_ + "/none"), "");
  make_store();
  EXPECT_EQ(look().counts().at("records"), 1);
  ASSERT_EQ(tool({"export", root_, "--kept", "--out", folder_ + "/kept"}), 0);
  EXPECT_EQ(content_of(folder_ + "/kept"), rest.substr(static_cast<std::size_t>(second->size)));
  EXPECT_GT(records, 2);
  // What another start cut off there has a number behind its name.
  const std::string kept = root_ + "/damagedlog/" + store::segment_name(first->size);
  fs::copy_file(kept, kept + ".1");
  ASSERT_EQ(tool({"export", root_, "--kept", "--out", folder_ + "/twice"}), 0);
  EXPECT_EQ(content_of(folder_ + "/twice").size(), 2 * content_of(folder_ + "/kept").size());
  ASSERT_EQ(tool({"export", root_, "--kept", "--json", "--count", "3", "--out", folder_ + "/json"}), 0);
  EXPECT_EQ(std::ranges::count(content_of(folder_ + "/json"), '\n'), 3);
}

TEST_F(StoreToolTest, LooksIntoARocksDbStoreAndChangesNothing) {
  const fs::path archive = fs::path(source_dir()) / "../shared/golden/store-5.5.0-rocksdb/clean.tar.gz";
  if (!fs::exists(archive)) GTEST_SKIP() << archive << " is not there";
  fs::remove_all(root_);
  ASSERT_EQ(std::system(("tar xzf '" + archive.string() + "' -C '" + folder_ + "'").c_str()), 0);
  const std::string sums = "cd '" + root_ + "' && find . -type f ! -name lock -print0 | sort -z | xargs -0 sha256sum";
  ASSERT_EQ(std::system((sums + " > ../before").c_str()), 0);
  const Report report = look();
  EXPECT_EQ(report.worst(), Severity::kNote) << report.text();
  EXPECT_EQ(report.counts().at("queue entries in RocksDB"), 95);
  EXPECT_EQ(report.counts().at("topics"), 26);
  EXPECT_EQ(report.counts().at("groups"), 12);
  EXPECT_EQ(report.counts().at("consumer positions"), 8);
  std::ofstream(root_ + "/config/topics.json") << "{";  // Of no account: the table counts.
  EXPECT_EQ(look().counts().at("topics"), 26);
  fs::remove(root_ + "/config/topics.json");
  EXPECT_EQ(std::system((sums + " | diff - ../before").c_str()), 0);
  EXPECT_EQ(tool({"stat", root_}), 0);
}

TEST_F(StoreToolTest, FillersOfAGapAreNotTakenForMessages) {
  fs::remove(root_ + "/consumequeue/TopicA/0/00000000000000000000");
  ASSERT_EQ(tool({"repair", root_, "--write"}), 0);
  const std::int64_t records = look().counts().at("records");
  // The third message of the queue is destroyed, and the queue made anew from the others.
  std::ifstream queue(root_ + "/consumequeue/TopicA/0/00000000000000000000", std::ios::binary);
  std::string entry(20, '\0');
  queue.seekg(40);
  queue.read(entry.data(), 20);
  overwrite("commitlog/00000000000000000000", load_be<std::int64_t>(entry.data()) + 90, "damage");
  fs::remove_all(root_ + "/consumequeue");
  ASSERT_EQ(tool({"repair", root_, "--write"}), 4);
  const Report after = look();
  EXPECT_EQ(after.counts().at("records"), records - 1);
  EXPECT_EQ(after.found(Severity::kLoss), 1) << "the record itself: " << after.text();
  EXPECT_EQ(after.text().find("entries for"), std::string::npos) << after.text();
}

TEST_F(StoreToolTest, AnEmptyStoreIsSound) {
  for (const bool own : {true, false}) {
    root_ = folder_ + (own ? "/own" : "/other");
    make_store();
    // RocketMQ leaves nothing but zeros.
    if (!own) overwrite("checkpoint", 0, std::string(4096, '\0'));
    const Report report = look();
    EXPECT_EQ(report.counts().at("log ends at"), 0);
    EXPECT_EQ(report.found(Severity::kRepairs) + report.found(Severity::kLoss), 0) << report.text();
    auto checkpoint = store::load_checkpoint(io::posix_file_system(), root_ + "/checkpoint");
    ASSERT_TRUE(checkpoint);
    EXPECT_EQ(checkpoint->writer, own ? store::Checkpoint::Writer::kOgive : store::Checkpoint::Writer::kNobody);
  }
}

TEST_F(StoreToolTest, RefusesAStoreInUse) {
  auto lock = io::posix_file_system().lock(root_ + "/lock");
  ASSERT_TRUE(lock);
  EXPECT_EQ(tool({"check", root_}), 1);
  EXPECT_EQ(tool({"check"}), 2);
  EXPECT_EQ(tool({"frobnicate", root_}), 2);
}

}  // namespace
}  // namespace ogive::store_tool
