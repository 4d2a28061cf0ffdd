// Stores that Apache RocketMQ wrote: they open where they are, and every message is where it was, byte for byte.
//
// The recorded stores lie beside the repository (../shared/golden); a fresh clone has a small part of one.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "io/thread_executor.h"
#include "message/record.h"
#include "store/message_store.h"
#include "store/queue/consume_queue.h"
#include "testing/source_dir.h"

namespace ogive::store {
namespace {

namespace fs = std::filesystem;

/// One flat line of JSON: enough for what the recordings say of numbers and of names without escapes.
class Line {
 public:
  explicit Line(std::string text) : text_(std::move(text)) {}
  std::string text(std::string_view name) const {
    const std::size_t at = value_at(name);
    if (at == std::string::npos || text_[at] != '"') return {};
    return text_.substr(at + 1, text_.find('"', at + 1) - at - 1);
  }
  std::int64_t number(std::string_view name) const {
    const std::size_t at = value_at(name);
    return at == std::string::npos ? -1 : std::strtoll(text_.c_str() + at, nullptr, 10);
  }
  bool has(std::string_view name) const { return value_at(name) != std::string::npos; }

 private:
  std::size_t value_at(std::string_view name) const {
    const std::string quoted = "\"" + std::string(name) + "\":";
    std::size_t at = text_.find(quoted);
    if (at == std::string::npos) return at;
    at += quoted.size();
    while (text_[at] == ' ') ++at;
    return at;
  }
  std::string text_;
};

std::string read_whole(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream content;
  content << in.rdbuf();
  return content.str();
}

class JavaStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char path[] = "/tmp/ogive-java-store-XXXXXX";
    ASSERT_NE(::mkdtemp(path), nullptr);
    folder_ = path;
  }
  void TearDown() override {
    store_.reset();
    fs::remove_all(folder_);
  }

  /// Unpacks a recorded store; false (and a loud skip) when the recordings are not there.
  bool unpack(const std::string& name) {
    const fs::path golden = fs::path(source_dir()) / "../shared/golden" / name;
    if (!fs::exists(golden.string() + ".tar.gz")) return false;
    return unpack_from(golden);
  }
  bool unpack_from(const fs::path& base) {
    const std::string command = "tar xzf '" + base.string() + ".tar.gz' -C '" + folder_ + "' && gzip -dc '" +
                                base.string() + ".expect.jsonl.gz' > '" + folder_ + "/expect'";
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    root_ = folder_ + "/store";
    lines_.clear();
    std::ifstream in(folder_ + "/expect");
    for (std::string text; std::getline(in, text);) lines_.emplace_back(text);
    log_.clear();
    for (const auto& entry : fs::directory_iterator(root_ + "/commitlog")) {
      log_[std::stoll(entry.path().filename())] = read_whole(entry.path());
    }
    return true;
  }

  Status open() {
    store_.reset();
    StoreOptions options;
    options.root = root_;
    options.segment_bytes = 1 << 20;
    options.prewrite_bytes = 64 << 10;
    options.consume_queue_file_bytes = 6'000;
    options.batch_queue_file_bytes = 13'800;
    options.index_shape = {5'000, 20'000};
    options.is_batch_topic = [](std::string_view topic) { return topic == "TopicBcq"; };
    for (const int seconds : {1, 5, 10, 30, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600, 1200, 1800, 3600, 7200}) {
      options.delay_level_ms.push_back(1'000 * seconds);
    }
    auto store = MessageStore::open({io::posix_file_system(), system_clock(), flusher_, background_}, options);
    if (!store) return fail(store.error());
    store_ = std::move(*store);
    return {};
  }

  std::string record_in_log(std::int64_t offset, std::int64_t size) const {
    for (const auto& [begin, bytes] : log_) {
      if (offset >= begin && offset < begin + static_cast<std::int64_t>(bytes.size())) {
        return bytes.substr(static_cast<std::size_t>(offset - begin), static_cast<std::size_t>(size));
      }
    }
    return "outside of the log";
  }

  std::string read(const std::string& topic, std::int32_t id, std::int64_t offset, std::span<const std::int64_t> tags) {
    auto* queue = store_->find_queue(topic, QueueId(id));
    if (queue == nullptr) return "no queue";
    ReadRequest request;
    request.offset = QueueOffset(offset);
    request.max_messages = 1;
    request.tag_codes = tags;
    ReadResult result = store_->read(*queue, request);
    if (result.status != ReadStatus::kFound) {
      return "status " + std::to_string(static_cast<int>(result.status)) +
             (result.error ? result.error->message() : "");
    }
    std::string bytes;
    std::array<ByteView, 8> pieces;
    const std::size_t count = result.records.peek(pieces);
    for (std::size_t i = 0; i < count; ++i) bytes += as_chars(pieces[i]);
    return bytes;
  }

  void expect_everything() {
    std::size_t messages = 0;
    for (const Line& line : lines_) {
      const std::string kind = line.text("kind");
      const std::string topic = line.text("topic");
      const auto id = static_cast<std::int32_t>(line.number("queueId"));
      if (kind == "queue") {
        auto* queue = store_->find_queue(topic, QueueId(id));
        ASSERT_NE(queue, nullptr) << topic;
        EXPECT_EQ(queue->min_offset().value(), line.number("minOffset")) << topic << " " << id;
        EXPECT_EQ(queue->max_offset().value(), line.number("maxOffset")) << topic << " " << id;
      } else if (kind == "message") {
        ++messages;
        const std::string expected = record_in_log(line.number("commitLogOffset"), line.number("storeSize"));
        EXPECT_EQ(read(topic, id, line.number("queueOffset"), {}) == expected, true)
            << topic << " " << id << " " << line.number("queueOffset");
        auto by_place = store_->read_record(PhysicalOffset(line.number("commitLogOffset")));
        ASSERT_TRUE(by_place);
        EXPECT_EQ(as_chars(*by_place) == expected, true);
      } else if (kind == "cq" && line.number("size") != QueueEntry::kFillerSize) {
        const std::array<std::int64_t, 1> code = {line.number("tagsCode")};
        EXPECT_EQ(read(topic, id, line.number("cqOffset"), code) ==
                      record_in_log(line.number("phyOffset"), line.number("size")),
                  true)
            << topic << " " << id << " " << line.number("cqOffset") << " by tags";
      }
    }
    EXPECT_GT(messages, 10U);
  }

  /// Files below `directory` and what is in them.
  std::map<std::string, std::string> contents(const std::string& directory) const {
    std::map<std::string, std::string> files;
    const fs::path base = fs::path(root_) / directory;
    if (!fs::exists(base)) return files;
    for (const auto& entry : fs::recursive_directory_iterator(base)) {
      if (entry.is_regular_file()) files[fs::relative(entry.path(), base)] = read_whole(entry.path());
    }
    return files;
  }

  void expect_same_files(const std::string& directory, const std::map<std::string, std::string>& before) const {
    const auto after = contents(directory);
    EXPECT_EQ(after.size(), before.size()) << directory;
    for (const auto& [name, bytes] : before) {
      const auto found = after.find(name);
      ASSERT_NE(found, after.end()) << directory << "/" << name;
      EXPECT_TRUE(found->second == bytes) << directory << "/" << name << " differs";
    }
  }

  std::string folder_, root_;
  std::vector<Line> lines_;
  std::map<std::int64_t, std::string> log_;
  io::ThreadExecutor flusher_{"flusher"}, background_{"background"};
  std::unique_ptr<MessageStore> store_;
};

#define UNPACK_OR_SKIP(name) \
  if (!unpack(name)) GTEST_SKIP() << "##### " << name << " is not beside the repository #####"

TEST_F(JavaStoreTest, OpensEveryRecordedStore) {
  for (const auto* name : {"store-5.5.0/clean", "store-5.5.0/kill9", "store-4.9.7/clean", "store-4.9.7/kill9"}) {
    SCOPED_TRACE(name);
    fs::remove_all(folder_ + "/store");
    UNPACK_OR_SKIP(name);
    const auto timer_log = contents("timerlog");
    const std::string wheel = read_whole(root_ + "/timerwheel");
    const Status opened = open();
    ASSERT_TRUE(opened) << opened.error().message();
    EXPECT_EQ(store_->recovery().clean, std::string_view(name).ends_with("clean"));
    expect_everything();
    ASSERT_TRUE(store_->close());
    expect_same_files("timerlog", timer_log);
    EXPECT_TRUE(read_whole(root_ + "/timerwheel") == wheel);
    ASSERT_TRUE(open());
    EXPECT_TRUE(store_->recovery().repairs.empty());
    expect_everything();
    ASSERT_TRUE(store_->close());
  }
}

TEST_F(JavaStoreTest, MakesTheSameQueuesAndIndexFromTheLog) {
  for (const auto* name : {"store-5.5.0/clean", "store-5.5.0/kill9"}) {
    SCOPED_TRACE(name);
    fs::remove_all(folder_ + "/store");
    UNPACK_OR_SKIP(name);
    const auto queues = contents("consumequeue");
    const auto batch_queues = contents("batchconsumequeue");
    const auto index = contents("index");
    for (const auto* lost : {"consumequeue", "batchconsumequeue", "index", "checkpoint"}) {
      fs::remove_all(root_ + "/" + lost);
    }
    const Status opened = open();
    ASSERT_TRUE(opened) << opened.error().message();
    expect_everything();
    ASSERT_TRUE(store_->find_by_key({.topic = "TopicA", .key = "k0"}));
    ASSERT_TRUE(store_->close());
    expect_same_files("consumequeue", queues);
    expect_same_files("batchconsumequeue", batch_queues);
    // The killed broker had begun an index file in the middle of its log.
    if (!std::string_view(name).ends_with("clean")) continue;
    const auto fresh = contents("index");
    ASSERT_EQ(fresh.size(), 1U);
    ASSERT_EQ(index.size(), 1U);
    EXPECT_TRUE(fresh.begin()->second == index.begin()->second);
  }
}

TEST_F(JavaStoreTest, FindsEveryKeyInTheIndexThatIsThere) {
  for (const auto* name : {"store-5.5.0/clean", "store-5.5.0/kill9", "store-4.9.7/clean", "store-4.9.7/kill9"}) {
    SCOPED_TRACE(name);
    fs::remove_all(folder_ + "/store");
    UNPACK_OR_SKIP(name);
    ASSERT_TRUE(open());
    for (const Line& line : lines_) {
      if (line.text("kind") != "message" || line.text("uniqKey").empty()) continue;
      const std::string topic = line.text("topic");
      const std::string key = line.text("uniqKey");
      auto found = store_->find_by_key({.topic = topic, .key = key, .max_messages = 1000});
      ASSERT_TRUE(found) << found.error().message();
      const std::string expected = record_in_log(line.number("commitLogOffset"), line.number("storeSize"));
      EXPECT_TRUE(std::ranges::any_of(found->records, [&](const auto& record) { return as_chars(record) == expected; }))
          << topic << " " << key;
    }
  }
}

TEST_F(JavaStoreTest, OpensTheSmallStoreOfTheRepository) {
  ASSERT_TRUE(unpack_from(fs::path(source_dir()) / "tests/golden/store/small"));
  const Status opened = open();
  ASSERT_TRUE(opened) << opened.error().message();
  expect_everything();
  ASSERT_TRUE(store_->close());
}

TEST_F(JavaStoreTest, RefusesAStoreWithAnythingInRocksDb) {
  for (const char* name : {"consumequeue", "consumequeue_rocksdb", "config/topics", "config/subscriptionGroups",
                           "config/consumerOffsets", "config/metadata", "config/rdb"}) {
    SCOPED_TRACE(name);
    root_ = folder_ + "/store";
    fs::create_directories(root_ + "/" + name);
    std::ofstream(root_ + "/" + name + "/CURRENT") << "MANIFEST-000005\n";
    const Status opened = open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code(), Errc::kUnsupported);
    EXPECT_NE(opened.error().message().find(root_ + "/" + name + " is a RocksDB database"), std::string::npos);
    EXPECT_FALSE(fs::exists(root_ + "/lock")) << "nothing may be written into it";
    fs::remove_all(root_);
  }
}

}  // namespace
}  // namespace ogive::store
