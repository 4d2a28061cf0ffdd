// Who waits for a mark is told once it is reached, and in which turn.

#include "store/watermark.h"

#include <gtest/gtest.h>

#include "testing/sim_node.h"
#include "testing/sim_world.h"

namespace ogive::store {
namespace {

using std::chrono_literals::operator""ms;

class WatermarkTest : public ::testing::Test {
 protected:
  void SetUp() override {
    node_.run([](sim::SimNode&) { return std::make_shared<int>(0); });
    world_.run_for(1ms);
  }
  auto count() {
    return [this](const Status& status) {
      EXPECT_TRUE(status.has_value());
      ++called_;
    };
  }
  sim::SimWorld world_{1};
  sim::SimNode& node_ = world_.add_node("node");
  Watermark mark_;
  int called_ = 0;
};

TEST_F(WatermarkTest, WaitersAreCalledLaterOnTheirExecutor) {
  node_.reactor().run_here([&] {
    mark_.wait(PhysicalOffset(10), node_.reactor(), count());
    mark_.advance(PhysicalOffset(9));
    mark_.advance(PhysicalOffset(10));
    EXPECT_EQ(called_, 0) << "never inside";
  });
  world_.run_for(1ms);
  EXPECT_EQ(called_, 1);
}

TEST_F(WatermarkTest, WaitersInTurnAreCalledInsideOnTheirOwnThread) {
  node_.reactor().run_here([&] {
    mark_.wait_in_turn(PhysicalOffset(10), node_.reactor(), count());
    mark_.advance(PhysicalOffset(9));
    EXPECT_EQ(called_, 0);
    mark_.advance(PhysicalOffset(12));
    EXPECT_EQ(called_, 1);
    mark_.wait_in_turn(PhysicalOffset(12), node_.reactor(), count());
    EXPECT_EQ(called_, 1) << "what is reached already is not told inside wait_in_turn()";
  });
  world_.run_for(1ms);
  EXPECT_EQ(called_, 2);
}

TEST_F(WatermarkTest, WaitersInTurnArePostedFromElsewhere) {
  node_.reactor().run_here([&] { mark_.wait_in_turn(PhysicalOffset(10), node_.reactor(), count()); });
  node_.flusher().post([&] {
    mark_.advance(PhysicalOffset(10));
    EXPECT_EQ(called_, 0);
  });
  world_.run_for(1ms);
  EXPECT_EQ(called_, 1);
}

}  // namespace
}  // namespace ogive::store
