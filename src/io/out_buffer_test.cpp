#include "io/out_buffer.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "base/clock.h"

namespace ogive::io {
namespace {

std::string content(const OutBuffer& buffer) {
  std::vector<ByteView> pieces(100'000);
  std::string text;
  const std::size_t count = buffer.peek(pieces);
  for (std::size_t i = 0; i < count; ++i) text += as_chars(pieces[i]);
  return text;
}

std::size_t piece_count(const OutBuffer& buffer) {
  std::array<ByteView, 64> pieces;
  return buffer.peek(pieces);
}

TEST(OutBuffer, NeighbouringOwnBytesAreOnePieceAndSharedOnesAreReferredTo) {
  OutBuffer buffer;
  const auto owner = std::make_shared<std::string>("shared");
  buffer.append("a");
  buffer.append("b");
  EXPECT_EQ(piece_count(buffer), 1u);
  buffer.append_shared(owner, as_bytes(*owner));
  buffer.append("c");
  EXPECT_EQ(piece_count(buffer), 3u);
  EXPECT_EQ(content(buffer), "absharedc");
  EXPECT_EQ(buffer.size(), 9u);
  EXPECT_EQ(buffer.own_size(), 3u);
  EXPECT_EQ(owner.use_count(), 2);
  std::array<ByteView, 64> pieces;
  buffer.peek(pieces);
  EXPECT_EQ(static_cast<const void*>(pieces[1].data()), owner->data());
}

TEST(OutBuffer, ASentSharedPieceIsLetGoBeforeTheRest) {
  OutBuffer buffer;
  const auto owner = std::make_shared<std::string>("12345");
  buffer.append_shared(owner, as_bytes(*owner));
  buffer.append("rest");
  buffer.consume(4);
  EXPECT_EQ(owner.use_count(), 2);
  buffer.consume(1);
  EXPECT_EQ(owner.use_count(), 1);
  EXPECT_EQ(content(buffer), "rest");
}

TEST(OutBuffer, ALengthCanBePatchedIn) {
  OutBuffer buffer;
  buffer.append("x");
  const std::size_t at = buffer.own_size();
  buffer.extend(4);
  buffer.append(std::string(100'000, 'y'));  // Makes the memory move.
  store_be<std::uint32_t>(buffer.own_bytes_at(at), 0x41424344);
  EXPECT_EQ(content(buffer).substr(0, 6), "xABCDy");
}

TEST(OutBuffer, SplicingCopiesOwnAndHandsOverSharedPieces) {
  const auto owner = std::make_shared<std::string>("S");
  OutBuffer front, back;
  front.append("front ");
  back.append("own ");
  back.append_shared(owner, as_bytes(*owner));
  back.append(" end");
  back.consume(1);
  front.splice(back);
  EXPECT_EQ(content(front), "front wn S end");
  EXPECT_TRUE(back.empty());
  EXPECT_EQ(owner.use_count(), 2);
  OutBuffer empty;
  empty.splice(front);
  EXPECT_EQ(content(empty), "front wn S end");
  EXPECT_EQ(content(front), "");
}

TEST(OutBuffer, MovingEmptiesTheSource) {
  OutBuffer a;
  a.append("text");
  OutBuffer b(std::move(a));
  EXPECT_EQ(content(b), "text");
  EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move): that is the promise.
  a.append("again");
  b = std::move(a);
  EXPECT_EQ(content(b), "again");
}

// What a slow reader leaves behind must neither be lost nor grow for ever.
TEST(OutBuffer, StaysTheRightTextWhileItIsRefilledBeforeItEmpties) {
  Random random(3);
  OutBuffer buffer;
  std::string expected;
  std::size_t most_own = 0;
  for (int step = 0; step < 3'000; ++step) {
    const std::string text(random.below(2'000), static_cast<char>('a' + random.below(26)));
    if (random.chance(30)) {
      auto owner = std::make_shared<std::string>(text);
      buffer.append_shared(owner, as_bytes(*owner));
    } else {
      buffer.append(text);
    }
    expected += text;
    const std::size_t sent = std::min(expected.size(), static_cast<std::size_t>(random.below(2'000)));
    if (sent < expected.size()) {
      buffer.consume(sent);
      expected.erase(0, sent);
    }
    ASSERT_EQ(buffer.size(), expected.size());
    if (expected.size() > 100'000) {  // Keeps the backlog bounded without ever emptying it.
      buffer.consume(expected.size() - 10);
      expected.erase(0, expected.size() - 10);
    }
    most_own = std::max(most_own, buffer.own_size());
  }
  EXPECT_EQ(content(buffer), expected);
  EXPECT_LT(most_own, 1u << 20);
}

}  // namespace
}  // namespace ogive::io
