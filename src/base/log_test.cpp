#include "base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/rolling_file.h"
#include "base/thread_name.h"

namespace ogive::log {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class LogTest : public ::testing::Test {
 protected:
  LogTest() {
    char pattern[] = "/tmp/ogive-log-XXXXXX";
    directory_ = ::mkdtemp(pattern);
  }
  ~LogTest() override { std::filesystem::remove_all(directory_); }

  std::string content(const std::string& name) const {
    std::ifstream in(directory_ + "/" + name);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }
  bool exists(const std::string& name) const { return std::filesystem::exists(directory_ + "/" + name); }

  std::string directory_;
};

TEST_F(LogTest, RollingKeepsTheNewestFilesInOrder) {
  RollingFile file(directory_, "broker.log", 10, 2);
  for (const char* line : {"first line\n", "second line\n", "third line\n", "fourth line\n"}) {
    EXPECT_TRUE(file.write(line));
  }
  EXPECT_EQ(content("broker.log"), "fourth line\n");
  EXPECT_EQ(content("otherdays/broker.1.log"), "third line\n");
  EXPECT_EQ(content("otherdays/broker.2.log"), "second line\n");
  EXPECT_FALSE(exists("otherdays/broker.3.log"));
}

TEST_F(LogTest, RollingGoesOnWhereThePreviousProcessStopped) {
  std::ofstream(directory_ + "/broker.log") << "old old old\n";
  RollingFile file(directory_, "broker.log", 10, 2);
  EXPECT_TRUE(file.write("new\n"));
  EXPECT_EQ(content("otherdays/broker.1.log"), "old old old\n");
  EXPECT_EQ(content("broker.log"), "new\n");
}

TEST_F(LogTest, FileIsMadeByTheFirstLine) {
  RollingFile file(directory_, "quiet.log", 10, 2);
  EXPECT_FALSE(exists("quiet.log"));
}

TEST_F(LogTest, UnusableDirectoryIsReported) {
  std::ofstream(directory_ + "/file") << "x";
  Options options;
  options.directory = directory_ + "/file/logs";
  options.default_file = "broker.log";
  options.level = Level::warn;
  EXPECT_THAT(start(options), HasSubstr(directory_ + "/file/logs"));
}

TEST_F(LogTest, LinesGoToTheFileOfTheirLogger) {
  Options options;
  options.directory = directory_ + "/logs";
  options.default_file = "broker.log";
  options.own_files = {"store"};
  ASSERT_EQ(start(options), "");
  std::thread([] {
    set_thread_name("a-thread-with-a-long-name");
    OGIVE_LOG(info, "broker", "topic {} created", "T1");
    OGIVE_LOG(error, "store", "no {}", "space");
    OGIVE_LOG(info, "unheard-of", "elsewhere");
    OGIVE_LOG(debug, "broker", "not at this level");
  }).join();
  flush();
  constexpr const char* kStamp = "[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} ";
  const std::string thread = "a-thread-with-a-long-name - ";
  EXPECT_THAT(content("logs/broker.log"), MatchesRegex(std::string(kStamp) + "INFO " + thread + "topic T1 created\n" +
                                                       kStamp + "INFO " + thread + "elsewhere\n"));
  EXPECT_THAT(content("logs/store.log"), MatchesRegex(std::string(kStamp) + "ERROR " + thread + "no space\n"));
  EXPECT_EQ(dropped(), 0u);
}

}  // namespace
}  // namespace ogive::log
