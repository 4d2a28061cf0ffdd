#include "io/epoll_stream.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>

#include "io/loopback_for_test.h"
#include "io/socket_address.h"

namespace ogive::io {
namespace {

using EpollStreamTest = LoopbackPair;
using Consumed = StreamHandler::Consumed;

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i * 7 % 26);
  return text;
}

TEST_F(EpollStreamTest, BytesGoBothWaysAndBothEndsKnowEachOther) {
  connect();
  client_.send("ping");
  ASSERT_TRUE(server_.wait_for_text("ping"));
  server_.send("pong");
  ASSERT_TRUE(client_.wait_for_text("pong"));
  const auto ends = [](Stream& stream) { return std::pair(stream.local(), stream.remote()); };
  const auto [server_local, server_remote] = server_.with_stream(ends);
  const auto [client_local, client_remote] = client_.with_stream(ends);
  EXPECT_EQ(server_local, client_remote);
  EXPECT_EQ(server_remote, client_local);
}

TEST_F(EpollStreamTest, GatheredPiecesArriveInOrder) {
  connect();
  const auto shared = std::make_shared<std::string>(pattern(1'000));
  std::string expected;
  client_.with_stream([&](Stream& stream) {
    OutBuffer out;
    for (int i = 0; i < 200; ++i) {  // More pieces than one system call takes.
      out.append("head" + std::to_string(i));
      out.append_shared(shared, as_bytes(*shared));
      expected += "head" + std::to_string(i) + *shared;
    }
    stream.write(out);
    EXPECT_TRUE(out.empty());
  });
  EXPECT_TRUE(server_.wait_for_text(expected));
}

TEST_F(EpollStreamTest, WhatIsNotConsumedComesAgainWithWhatFollows) {
  // Frames of "<length as one digit><bytes>"; the handler asks for a whole one.
  server_.on_bytes = [](StreamEnd& end, ByteView data) -> Consumed {
    std::size_t used = 0;
    while (used < data.size()) {
      const auto size = static_cast<std::size_t>(data[used]) - '0' + 1;
      if (data.size() - used < size) return {used, size};
      end.note(data.subspan(used, size));
      used += size;
    }
    return {used, 0};
  };
  connect();
  for (const char* part : {"3a", "bc", "2x", "y0", "4", "wxyz1!"}) client_.send(part);
  EXPECT_TRUE(server_.wait_for_text("3abc2xy04wxyz1!"));
  EXPECT_EQ(server_.seen().deliveries, 5);
}

TEST_F(EpollStreamTest, ALargeFrameInSmallPartsIsNotAskedForBeforeItIsWhole) {
  constexpr std::size_t kFrame = 3u << 20;
  Watched<std::size_t> calls;
  server_.on_bytes = [&](StreamEnd& end, ByteView data) -> Consumed {
    calls.change([](std::size_t& count) { ++count; });
    if (data.size() < kFrame) return {0, std::min(kFrame, data.size() * 2 + 65'536)};
    end.note(data.first(kFrame));
    return {kFrame, 0};
  };
  connect();
  const std::string frame = pattern(kFrame);
  for (std::size_t at = 0; at < frame.size(); at += 10'000) client_.send(std::string_view(frame).substr(at, 10'000));
  ASSERT_TRUE(server_.wait_for_text(frame));
  EXPECT_LT(calls.get(), 12u);  // It doubles each time, not once per arrival.
}

TEST_F(EpollStreamTest, APausedReaderHoldsTheWriterBackAndGetsEverythingLater) {
  connect();
  server_.with_stream([](Stream& stream) { stream.pause_reading(true); });
  const std::string text = pattern(32u << 20);
  client_.send(text);
  EXPECT_GT(client_.with_stream([](Stream& stream) { return stream.pending_bytes(); }), 0u);
  EXPECT_EQ(client_.seen().drained, 0);
  EXPECT_EQ(server_.seen().received.size(), 0u);
  client_.send("end");
  server_.with_stream([](Stream& stream) { stream.pause_reading(false); });
  ASSERT_TRUE(server_.wait_for_text(text + "end"));
  ASSERT_TRUE(client_.wait([](const auto& seen) { return seen.drained == 1; }));
  EXPECT_EQ(client_.with_stream([](Stream& stream) { return stream.pending_bytes(); }), 0u);
}

TEST_F(EpollStreamTest, APauseInsideTheHandlerKeepsTheRestForLater) {
  server_.on_bytes = [](StreamEnd& end, ByteView data) -> Consumed {
    end.note(data.first(1));
    return {1, 0};
  };
  connect();
  // One byte is taken per call; the others wait until the pause, set and lifted here, ends.
  client_.send("ab");
  ASSERT_TRUE(server_.wait_for_text("a"));
  server_.with_stream([](Stream& stream) {
    stream.pause_reading(true);
    stream.pause_reading(false);
  });
  EXPECT_TRUE(server_.wait_for_text("ab"));
}

TEST_F(EpollStreamTest, CloseAfterFlushDeliversEverythingAndTellsBoth) {
  connect();
  server_.with_stream([](Stream& stream) { stream.pause_reading(true); });
  const std::string text = pattern(8u << 20);
  client_.with_stream([&](Stream& stream) {
    OutBuffer out;
    out.append(text);
    stream.write(out);
    stream.close_after_flush(Milliseconds(10'000));
    out.append("too late");
    stream.write(out);
    EXPECT_TRUE(out.empty());
  });
  server_.with_stream([](Stream& stream) { stream.pause_reading(false); });
  ASSERT_TRUE(server_.wait_for_close());
  ASSERT_TRUE(client_.wait_for_close());
  EXPECT_EQ(server_.seen().received, text);
  EXPECT_EQ(server_.seen().closed, Errc::kClosed);
  EXPECT_EQ(client_.seen().closed, Errc::kCancelled);
}

TEST_F(EpollStreamTest, LingeringEndsWhenThePeerDoesNotRead) {
  connect();
  server_.with_stream([](Stream& stream) { stream.pause_reading(true); });
  client_.with_stream([&](Stream& stream) {
    OutBuffer out;
    out.append(pattern(64u << 20));
    stream.write(out);
    stream.close_after_flush(Milliseconds(20));
  });
  ASSERT_TRUE(client_.wait_for_close());
  EXPECT_EQ(client_.seen().closed, Errc::kTimeout);
}

// Unread bytes at the close would reset the connection and take our last reply with it.
TEST_F(EpollStreamTest, TheLastReplyArrivesAlthoughThePeerHadSentMore) {
  server_.on_bytes = [](StreamEnd&, ByteView) -> Consumed { return {0, 0}; };
  connect();
  server_.with_stream([](Stream& stream) { stream.pause_reading(true); });
  client_.send(pattern(100'000));
  server_.with_stream([](Stream& stream) {
    OutBuffer out;
    out.append("bye");
    stream.write(out);
    stream.close_after_flush(Milliseconds(1'000));
  });
  ASSERT_TRUE(client_.wait_for_close());
  EXPECT_EQ(client_.seen().received, "bye");
}

TEST_F(EpollStreamTest, MayBeDestroyedInsideOnData) {
  server_.on_bytes = [](StreamEnd& end, ByteView data) -> Consumed {
    end.note(data);
    end.drop_here();
    return {data.size(), 0};
  };
  connect();
  client_.send("x");
  ASSERT_TRUE(client_.wait_for_close());
  EXPECT_EQ(server_.seen().received, "x");
  EXPECT_FALSE(server_.seen().closed.has_value());
}

TEST_F(EpollStreamTest, AResetIsAnError) {
  connect();
  server_.with_stream([](Stream& stream) { stream.pause_reading(true); });
  client_.send(std::string(1'000, 'x'));
  // Destroyed with unread bytes: the kernel resets.
  server_.drop();
  ASSERT_TRUE(client_.wait_for_close());
  EXPECT_NE(client_.seen().closed, Errc::kCancelled);
  client_.send("into the void");
}

TEST_F(EpollStreamTest, APeerThatIsGoneIsNoticedEvenWhilePaused) {
  connect();
  client_.with_stream([](Stream& stream) { stream.pause_reading(true); });
  server_.with_stream([](Stream& stream) { stream.pause_reading(true); });
  client_.send("unread");
  server_.drop();
  EXPECT_TRUE(client_.wait_for_close());
}

TEST_F(EpollStreamTest, AHandlerThatNeverConsumesIsCutOff) {
  server_.on_bytes = [](StreamEnd&, ByteView) -> Consumed { return {0, 0}; };
  connect();
  client_.send(std::string(80u << 20, 'x'));
  ASSERT_TRUE(server_.wait_for_close());
  EXPECT_EQ(server_.seen().closed, Errc::kLimit);
}

}  // namespace
}  // namespace ogive::io
