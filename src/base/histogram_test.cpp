#include "base/histogram.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/clock.h"

namespace ogive {
namespace {

TEST(Histogram, SmallValuesAreExact) {
  Histogram histogram;
  for (std::uint64_t value = 1; value <= 100; ++value) histogram.record(value);
  EXPECT_EQ(histogram.count(), 100u);
  EXPECT_EQ(histogram.quantile(0.5), 50u);
  EXPECT_EQ(histogram.quantile(0.99), 99u);
  EXPECT_EQ(histogram.quantile(1), 100u);
  EXPECT_EQ(histogram.quantile(0), 1u);
  EXPECT_DOUBLE_EQ(histogram.mean(), 50.5);
}

TEST(Histogram, LargeValuesAreWithinTheStatedError) {
  Random random(7);
  std::vector<std::uint64_t> values;
  Histogram histogram;
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t value = random.next() >> random.below(64);
    values.push_back(value);
    histogram.record(value);
  }
  std::sort(values.begin(), values.end());
  for (double share : {0.01, 0.25, 0.5, 0.9, 0.99, 0.999}) {
    const auto exact = static_cast<double>(values[static_cast<std::size_t>(share * 100'000) - 1]);
    const auto answer = static_cast<double>(histogram.quantile(share));
    EXPECT_GE(answer, exact) << share;
    EXPECT_LE(answer, exact * 1.016) << share;
  }
  EXPECT_EQ(histogram.max(), values.back());
  EXPECT_EQ(histogram.min(), values.front());
}

TEST(Histogram, TheLargestValueHasItsPlace) {
  Histogram histogram;
  histogram.record(UINT64_MAX);
  EXPECT_EQ(histogram.quantile(0.5), UINT64_MAX);
}

TEST(Histogram, MergingEqualsRecordingTogether) {
  Histogram one, two, both;
  for (std::uint64_t value : {5u, 5000u, 70'000u}) {
    one.record(value);
    both.record(value);
  }
  two.record(1'000'000, 3);
  both.record(1'000'000, 3);
  one.merge(two);
  EXPECT_EQ(one.count(), both.count());
  for (double share : {0.1, 0.4, 0.6, 1.0}) EXPECT_EQ(one.quantile(share), both.quantile(share));
  one.clear();
  EXPECT_EQ(one.count(), 0u);
  EXPECT_EQ(one.quantile(0.5), 0u);
}

}  // namespace
}  // namespace ogive
