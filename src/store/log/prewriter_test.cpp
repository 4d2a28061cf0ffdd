#include "store/log/prewriter.h"

#include <gtest/gtest.h>

#include <functional>
#include <utility>

#include "testing/sim_node.h"
#include "testing/sim_world.h"

namespace ogive::store {
namespace {

using std::chrono_literals::operator""ms;

constexpr std::int64_t kSegment = 4 << 20;
constexpr std::int64_t kWindow = 2 << 20;

struct PrewriterTest : ::testing::Test {
  void SetUp() override {
    std::vector<std::string> repairs;
    ASSERT_TRUE(segments.load(repairs).has_value());
    ASSERT_TRUE(segments.create_next().has_value());
  }
  void run() { world.run_for(1000ms); }

  sim::SimWorld world{1};
  sim::SimNode& node = world.add_node("node");
  SegmentList segments{node.files(), {"/log", ""}, static_cast<std::uint64_t>(kSegment)};
  std::optional<Error> failure;
  Status may_grow;
  std::function<std::int64_t()> room = [] { return INT64_MAX; };
  Prewriter prewriter{node.background(),
                      segments,
                      static_cast<std::uint64_t>(kWindow),
                      {[this] { return may_grow; }, [this] { return room(); }},
                      [this](const Error& error) { failure = error; }};
};

TEST_F(PrewriterTest, ReservesTheWindowWithoutTouchingWhatIsThere) {
  const auto file = segments.find(0);
  ASSERT_TRUE(file->file->write_at(kWindow / 2, as_bytes("appended meanwhile")).has_value());
  prewriter.start(0);
  run();
  EXPECT_TRUE(prewriter.admit(kWindow).has_value());
  EXPECT_GE(node.disk().used_bytes(), static_cast<std::uint64_t>(kWindow));
  EXPECT_LT(node.disk().used_bytes(), static_cast<std::uint64_t>(kWindow + (64 << 10)));
  std::string read(18, '\0');
  ASSERT_TRUE(file->file->read_at(kWindow / 2, std::as_writable_bytes(std::span(read))).has_value());
  EXPECT_EQ(read, "appended meanwhile");
  EXPECT_FALSE(failure.has_value());
}

TEST_F(PrewriterTest, KeepsTheWindowAheadOfThePosition) {
  prewriter.start(0);
  run();
  for (std::int64_t position = 0; position <= kSegment; position += 256 << 10) {
    prewriter.advance(position);
    run();
    EXPECT_TRUE(prewriter.admit(position + kWindow / 4).has_value()) << position;
  }
  EXPECT_GE(segments.end(), 2 * kSegment);
}

TEST_F(PrewriterTest, AnAppenderThatReachesTheEndOfTheLastFileMeanwhileIsFollowed) {
  prewriter.start(0);
  run();
  // Between making files and reserving in them, as another thread may at any time.
  bool reached = false;
  room = [&] {
    if (!std::exchange(reached, true)) prewriter.advance(segments.end());
    return INT64_MAX;
  };
  prewriter.advance(kSegment);
  run();
  EXPECT_EQ(segments.end(), 5 * kSegment);
  EXPECT_TRUE(prewriter.admit(3 * kSegment + kWindow).has_value());
  EXPECT_FALSE(failure.has_value());
}

TEST_F(PrewriterTest, AFullDiskIsMetHereAndEndsByItself) {
  node.disk().set_capacity(1 << 20);
  prewriter.start(0);
  run();
  const Status refused = prewriter.admit(kWindow);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), Errc::kNoSpace);
  node.disk().set_capacity(1 << 30);
  world.run_for(3000ms);
  EXPECT_TRUE(prewriter.admit(kWindow).has_value());
  EXPECT_FALSE(failure.has_value());
}

TEST_F(PrewriterTest, ARefusalOfSpaceIsToldAndEndsByItself) {
  may_grow = fail(Errc::kNoSpace, "91 % full");
  prewriter.start(0);
  run();
  const Status refused = prewriter.admit(2 * kSegment);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), Errc::kNoSpace);
  EXPECT_NE(refused.error().message().find("91 % full"), std::string::npos);
  EXPECT_TRUE(prewriter.refusal());
  may_grow = {};
  world.run_for(1500ms);
  EXPECT_TRUE(prewriter.admit(kWindow).has_value());
  EXPECT_FALSE(prewriter.refusal());
}

TEST_F(PrewriterTest, WritesAndSyncsZerosOnceSomebodyWaitsForSyncs) {
  prewriter.expect_syncs();
  prewriter.start(0);
  run();
  EXPECT_TRUE(prewriter.admit(kWindow).has_value());
  const std::uint64_t used = node.disk().used_bytes();
  EXPECT_GE(used, static_cast<std::uint64_t>(kWindow));
  node.power_loss();
  EXPECT_GE(node.disk().used_bytes(), used);
}

}  // namespace
}  // namespace ogive::store
