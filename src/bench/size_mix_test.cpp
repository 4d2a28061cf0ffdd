#include "bench/size_mix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace ogive::bench {
namespace {

SizeMix parsed(std::string_view text) {
  auto mix = SizeMix::parse(text, 1, 100'000);
  EXPECT_TRUE(mix.has_value()) << mix.error().message();
  return std::move(*mix);
}

TEST(SizeMix, OneSizeIsAlwaysThat) {
  const SizeMix mix = parsed("1024");
  Random random(1);
  EXPECT_TRUE(mix.is_fixed());
  EXPECT_EQ(mix.draw(random), 1'024u);
  EXPECT_EQ(mix.largest(), 1'024u);
  EXPECT_EQ(mix.mean(), 1'024.0);
}

TEST(SizeMix, ARangeIsDrawnEvenlyWithBothEnds) {
  const SizeMix mix = parsed("10..13");
  EXPECT_FALSE(mix.is_fixed());
  EXPECT_EQ(mix.largest(), 13u);
  EXPECT_EQ(mix.mean(), 11.5);
  std::map<unsigned, int> seen;
  Random random(7);
  for (int i = 0; i < 4'000; ++i) ++seen[mix.draw(random)];
  EXPECT_EQ(seen.size(), 4u);
  for (const auto& [size, times] : seen) EXPECT_NEAR(times, 1'000, 120) << size;
}

TEST(SizeMix, AListIsDrawnByItsWeights) {
  const SizeMix mix = parsed("1000:1,128:7,64:2");
  EXPECT_EQ(mix.largest(), 1'000u);
  EXPECT_NEAR(mix.mean(), 100 + 89.6 + 12.8, 1e-9);
  std::map<unsigned, int> seen;
  Random random(7);
  for (int i = 0; i < 10'000; ++i) ++seen[mix.draw(random)];
  EXPECT_NEAR(seen[1'000], 1'000, 150);
  EXPECT_NEAR(seen[128], 7'000, 250);
  EXPECT_NEAR(seen[64], 2'000, 200);
}

TEST(SizeMix, WhatIsNoneIsRefusedByItsText) {
  for (const char* text : {"", "0", "100001", "12k", "5..4", "..4", "4..", "1:0", "1:", "1,,2", "1:2:3", "1..2..3"}) {
    const auto mix = SizeMix::parse(text, 1, 100'000);
    ASSERT_FALSE(mix.has_value()) << text;
    EXPECT_THAT(mix.error().message(), ::testing::HasSubstr("--size '" + std::string(text) + "'"));
  }
}

}  // namespace
}  // namespace ogive::bench
