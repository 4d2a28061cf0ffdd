// Buckets of append latencies and what is printed of them.

#include "broker/figures/append_latency.h"

#include <gtest/gtest.h>

namespace ogive::broker {
namespace {

TEST(AppendLatency, EveryTimeFallsIntoTheBucketThatEndsAtOrBehindIt) {
  for (std::int64_t ms = 0; ms <= 10'000; ++ms) {
    const std::size_t bucket = AppendLatency::bucket_of(ms);
    EXPECT_LE(ms, AppendLatency::bound_of(bucket));
    if (bucket > 0) {
      EXPECT_GT(ms, AppendLatency::bound_of(bucket - 1));
    }
  }
  EXPECT_EQ(AppendLatency::bucket_of(10'001), AppendLatency::kBuckets - 1);
  EXPECT_EQ(AppendLatency::bucket_of(INT64_MAX), AppendLatency::kBuckets - 1);
  EXPECT_EQ(AppendLatency::bucket_of(-5), 0u);
}

TEST(AppendLatency, PercentilesLieWithinTheirBucket) {
  AppendLatency latency;
  EXPECT_EQ(latency_percentile(latency.counts(), 0.99), 0);
  latency.add(0, 90);
  latency.add(12, 10);
  EXPECT_EQ(latency_percentile(latency.counts(), 0.5), 0);
  EXPECT_GT(latency_percentile(latency.counts(), 0.99), 11);
  EXPECT_LE(latency_percentile(latency.counts(), 0.99), 12);
  EXPECT_EQ(latency.max_ms(), 12u);
}

TEST(AppendLatency, TheDistributionIsPrintedAsToolsKnowIt) {
  AppendLatency latency;
  latency.add(0, 6);
  latency.add(7, 5);
  latency.add(12, 2);
  latency.add(20'000, 1);
  EXPECT_EQ(latency_distribution(latency.counts()),
            "[<=0ms]:6 [0~10ms]:5 [10~50ms]:2 [50~100ms]:0 [100~200ms]:0 [200~500ms]:0 [500ms~1s]:0 [1~2s]:0 "
            "[2~3s]:0 [3~4s]:0 [4~5s]:0 [5~10s]:0 [10s~]:1 ");
}

}  // namespace
}  // namespace ogive::broker
