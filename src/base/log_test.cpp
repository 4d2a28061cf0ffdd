#include "base/log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <array>
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
  /// Waits for the compression: it replaces the plain file at its end.
  std::string unpacked(const std::string& name) const {
    gzFile file = ::gzopen((directory_ + "/" + name).c_str(), "rb");
    if (file == nullptr) return "missing";
    std::string text(1'000, '\0');
    const int got = ::gzread(file, text.data(), static_cast<unsigned>(text.size()));
    ::gzclose(file);
    text.resize(static_cast<std::size_t>(std::max(got, 0)));
    return text;
  }
  bool exists(const std::string& name) const { return std::filesystem::exists(directory_ + "/" + name); }

  std::string directory_;
};

TEST_F(LogTest, RollingKeepsTheNewestFilesInOrderAndCompressed) {
  {
    RollingFile file(directory_, "broker.log", 10, 2);
    for (const char* line : {"first line\n", "second line\n", "third line\n", "fourth line\n"}) {
      EXPECT_TRUE(file.write(line));
    }
  }
  EXPECT_EQ(content("broker.log"), "fourth line\n");
  EXPECT_EQ(unpacked("otherdays/broker.1.log.gz"), "third line\n");
  EXPECT_EQ(unpacked("otherdays/broker.2.log.gz"), "second line\n");
  EXPECT_FALSE(exists("otherdays/broker.3.log.gz"));
  EXPECT_FALSE(exists("otherdays/broker.1.log"));
  EXPECT_FALSE(exists("otherdays/broker.1.log.gz.tmp"));
}

TEST_F(LogTest, RollingGoesOnWhereThePreviousProcessStopped) {
  std::ofstream(directory_ + "/broker.log") << "old old old\n";
  std::filesystem::create_directories(directory_ + "/otherdays");
  std::ofstream(directory_ + "/otherdays/broker.1.log") << "not compressed in time\n";
  {
    RollingFile file(directory_, "broker.log", 10, 2);
    EXPECT_TRUE(file.write("new\n"));
  }
  EXPECT_EQ(content("otherdays/broker.2.log"), "not compressed in time\n");
  EXPECT_EQ(unpacked("otherdays/broker.1.log.gz"), "old old old\n");
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

// A pipe nobody reads stands for a disk that does not answer.
TEST_F(LogTest, CallersNeverWaitForADiskThatHangs) {
  const std::string path = directory_ + "/broker.log";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  Options options;
  options.directory = directory_;
  options.default_file = "broker.log";
  options.max_queued = 128;
  ASSERT_EQ(start(options), "");
  const std::string line(1'000, 'x');
  for (int i = 0; i < 2'000; ++i) write(Level::info, "broker", line);  // Far more than pipe and queue hold.
  EXPECT_GT(dropped(), 1'000u);
  // Let the log thread go before the next test; what it still writes is read away.
  std::thread drain([reader] {
    std::array<char, 65'536> block;
    ::fcntl(reader, F_SETFL, 0);
    std::string tail;
    while (!tail.ends_with("the end\n")) {
      const ssize_t got = ::read(reader, block.data(), block.size());
      if (got <= 0) break;
      tail.append(block.data(), static_cast<std::size_t>(got));
      if (tail.size() > 100) tail.erase(0, tail.size() - 100);
    }
  });
  write(Level::info, "broker", "the end");
  drain.join();
  ::close(reader);
}

TEST_F(LogTest, WhatAFullDiskDoesNotTakeGoesToStderr) {
  RollingFile file("/dev", "full", 1u << 20, 2);
  EXPECT_FALSE(file.write("line\n"));
}

TEST(LogSite, SaysSoMuchPerWindowAndThenHowMuchItLeftOut) {
  Site site;
  std::uint64_t left_out = 0;
  int said = 0;
  for (int i = 0; i < 5'000; ++i) said += site.allow(1'000 + i, left_out);
  EXPECT_EQ(said, 1'000);
  EXPECT_FALSE(site.allow(Site::kWindowNs, left_out));
  EXPECT_TRUE(site.allow(1'000 + Site::kWindowNs, left_out));
  EXPECT_EQ(left_out, 4'001u);
  EXPECT_TRUE(site.allow(1'001 + Site::kWindowNs, left_out));
  EXPECT_EQ(left_out, 0u);
}

}  // namespace
}  // namespace ogive::log
