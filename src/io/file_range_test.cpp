// Parts of files on their way through a socket.

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <string>

#include "io/loopback_for_test.h"

namespace ogive::io {
namespace {

std::string pattern(std::size_t size, std::size_t seed) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 251 + seed) % 26);
  return text;
}

class FileRangeTest : public LoopbackPair {
 protected:
  FileRangeTest() {
    std::signal(SIGPIPE, SIG_IGN);  // As the programs do: sendfile knows no MSG_NOSIGNAL.
    char name[] = "/tmp/ogive-range-XXXXXX";
    const int fd = ::mkstemp(name);
    EXPECT_GE(fd, 0);
    ::close(fd);
    auto opened = posix_file_system().open(name, OpenMode::kReadWrite);
    EXPECT_TRUE(opened.has_value());
    EXPECT_TRUE(posix_file_system().remove(name));
    file_ = std::shared_ptr<File>(std::move(*opened));
  }
  /// A head, a part of the file, what follows.
  void send(std::string_view head, std::uint64_t offset, std::size_t size, std::string_view behind) {
    client_.with_stream([&](Stream& stream) {
      OutBuffer out;
      out.append(head);
      EXPECT_TRUE(stream.write_file(out, {file_, offset, size}).has_value());
      EXPECT_TRUE(out.empty());
      out.append(behind);
      if (!out.empty()) stream.write(out);
    });
  }
  std::size_t pending() {
    return client_.with_stream([](Stream& stream) { return stream.pending_bytes(); });
  }

  std::shared_ptr<File> file_;
};

TEST_F(FileRangeTest, GoesInItsPlaceBetweenOtherBytes) {
  const std::string content = pattern(3'000'000, 1);
  ASSERT_TRUE(file_->write_at(0, as_bytes(content)).has_value());
  connect();
  server_.with_stream([](Stream& stream) { stream.pause_reading(true); });  // More than a socket takes will wait.
  std::string expected;
  for (std::size_t i = 0; i < 20; ++i) {
    const std::size_t at = i * 1'001;
    const std::size_t size = i % 3 == 0 ? 2'900'000 - at : i % 3 == 1 ? 1 : 0;  // Nothing of it, too.
    const std::string head = "head" + std::to_string(i);
    send(head, at, size, i % 2 == 0 ? "tail" : "");
    expected += head + content.substr(at, size) + (i % 2 == 0 ? "tail" : "");
  }
  server_.with_stream([](Stream& stream) { stream.pause_reading(false); });
  ASSERT_TRUE(server_.wait([&](const auto& seen) { return seen.received.size() >= expected.size(); }));
  EXPECT_TRUE(server_.seen().received == expected);
  ASSERT_TRUE(client_.wait([](const auto& seen) { return seen.drained > 0; }));
  EXPECT_EQ(pending(), 0u);
}

TEST_F(FileRangeTest, WaitsForAPeerThatDoesNotReadAndIsFlushedAtTheEnd) {
  const std::string content = pattern(32u << 20, 2);
  ASSERT_TRUE(file_->write_at(0, as_bytes(content)).has_value());
  connect();
  server_.with_stream([](Stream& stream) { stream.pause_reading(true); });
  send("a", 0, content.size(), "b");
  const std::size_t left = pending();
  EXPECT_GT(left, 0u);
  EXPECT_LE(left, content.size() + 1);
  send("c", 5, 100, "d");
  EXPECT_EQ(pending(), left + 102);
  client_.with_stream([](Stream& stream) { stream.close_after_flush(Milliseconds(20'000)); });
  server_.with_stream([](Stream& stream) { stream.pause_reading(false); });
  ASSERT_TRUE(server_.wait_for_close());
  EXPECT_TRUE(server_.seen().received == "a" + content + "bc" + content.substr(5, 100) + "d");
}

// A file that somebody else cuts while it waits.
TEST_F(FileRangeTest, WhatIsNoLongerThereEndsTheConnectionAndNothingElseIsSent) {
  const std::string content = pattern(32u << 20, 3);
  ASSERT_TRUE(file_->write_at(0, as_bytes(content)).has_value());
  connect();
  server_.with_stream([](Stream& stream) { stream.pause_reading(true); });
  send("a", 0, content.size(), "wrong");
  ASSERT_GT(pending(), 16u << 20);
  ASSERT_TRUE(file_->truncate(20u << 20).has_value());
  server_.with_stream([](Stream& stream) { stream.pause_reading(false); });
  ASSERT_TRUE(client_.wait_for_close());
  EXPECT_EQ(client_.seen().closed, Errc::kCorrupt);
  ASSERT_TRUE(server_.wait_for_close());
  EXPECT_TRUE(("a" + content.substr(0, 20u << 20)).starts_with(server_.seen().received));
}

TEST_F(FileRangeTest, APeerThatIsGoneIsAnError) {
  ASSERT_TRUE(file_->write_at(0, as_bytes(pattern(32u << 20, 4))).has_value());
  connect();
  server_.with_stream([](Stream& stream) { stream.pause_reading(true); });
  send("a", 0, 32u << 20, "");
  server_.drop();
  ASSERT_TRUE(client_.wait_for_close());
  EXPECT_NE(client_.seen().closed, Errc::kCancelled);
}

TEST_F(FileRangeTest, FetchingSaysWhereTheFileEnds) {
  ASSERT_TRUE(file_->write_at(0, as_bytes(pattern(300'000, 5))).has_value());
  EXPECT_TRUE(file_->prefetch(0, 300'000, 1 << 20).has_value());
  EXPECT_TRUE(file_->prefetch(299'999, 1, 0).has_value());
  for (const auto& [at, size] : {std::pair(0u, 300'001u), {299'999u, 2u}, {300'000u, 1u}, {1u << 20, 1u << 20}}) {
    const Status status = file_->prefetch(at, size, 0);
    ASSERT_FALSE(status.has_value()) << at;
    EXPECT_EQ(status.error().code(), Errc::kCorrupt);
  }
}

}  // namespace
}  // namespace ogive::io
