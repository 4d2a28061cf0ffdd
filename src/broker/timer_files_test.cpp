// What only RocketMQ uses in a store is as it was when Ogive has served it: timers that wait, compacted topics.
// docs/formats/timer.md.

#include "broker/stopped_broker_for_test.h"
#include "testing/sim_file_system.h"

namespace ogive::broker {
namespace {

class TimerFilesTest : public StoppedBroker {
 protected:
  void SetUp() override {
    sim::SimFileSystem files(node_.disk(), system_clock());
    ASSERT_TRUE(files.create_directories("/store/config"));
    ASSERT_TRUE(files.create_directories("/store/timerlog"));
    ASSERT_TRUE(files.create_directories("/store/compaction/compactionLog/T/0"));
    ASSERT_TRUE(files.create_directories("/store/rocksdbstore"));
    Random random(4);
    for (const auto& [path, size] : std::map<std::string, std::uint64_t>{{"timerlog/00000000000000000000", 52'000},
                                                                         {"timerlog/00000000000000052000", 52'000},
                                                                         {"timerwheel", 38'707'200},
                                                                         {"config/timercheck", 4'096},
                                                                         {"config/timermetrics", 214},
                                                                         {"config/timermetrics.bak", 0},
                                                                         {"compaction/compactionLog/T/0/0", 1'000},
                                                                         {"rocksdbstore/CURRENT", 16}}) {
      std::string content(std::min<std::uint64_t>(size, 8'192), '\0');
      for (char& c : content) c = static_cast<char>(random.next());
      auto file = files.open("/store/" + path, io::OpenMode::kCreateNew);
      ASSERT_TRUE(file);
      ASSERT_TRUE((*file)->write_at((size - content.size()) / 2, as_bytes(content)));
      ASSERT_TRUE((*file)->truncate(size));
      before_[path] = read(files, path);
    }
    StoppedBroker::SetUp();
  }
  static std::string read(io::FileSystem& files, const std::string& path) {
    auto content = io::read_file(files, "/store/" + path, 64 << 20);
    EXPECT_TRUE(content) << content.error().message();
    return content ? *content : std::string();
  }
  void expect_unchanged() {
    sim::SimFileSystem files(node_.disk(), system_clock());
    for (const auto& [path, content] : before_) EXPECT_TRUE(read(files, path) == content) << path;
    EXPECT_EQ(files.list("/store/timerlog")->size(), 2u);
    EXPECT_EQ(files.list("/store/rocksdbstore")->size(), 1u);
  }
  void serve() {
    ASSERT_EQ(make_topic("T", 2).code, 0);
    for (int i = 0; i < 50; ++i) ASSERT_EQ(send("T", i % 2, std::to_string(i), "KEYS\x01k\x02").code, 0);
    ASSERT_EQ(make_group("G").code, 0);
    ASSERT_EQ(commit("G", "T", 0, 7).code, 0);
    EXPECT_NE(send("T", 0, "later",
                   "TIMER_DELAY_SEC\x01"
                   "60\x02")
                  .code,
              0)
        << "then these files are no longer RocketMQ's alone";
    ASSERT_EQ(ask(protocol::request_code::kDeleteTopicInBroker, {{"topic", "T"}}).code, 0);
    world_.run_for(Milliseconds(120'000));  // Several rounds of everything that is done from time to time.
  }
  std::map<std::string, std::string> before_;
};

TEST_F(TimerFilesTest, AreLeftAsTheyWereByAnOrderlyStop) {
  serve();
  stop_in_order();
  expect_unchanged();
}

TEST_F(TimerFilesTest, AreLeftAsTheyWereByRecovery) {
  serve();
  node_.kill();
  node_.restart();
  world_.run_for(Milliseconds(60'000));
  stop_in_order();
  expect_unchanged();
}

}  // namespace
}  // namespace ogive::broker
