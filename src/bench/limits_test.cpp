#include "bench/limits.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

namespace ogive::bench {
namespace {

TEST(Limits, EveryFigureIsMeasuredAndNothingIsLeftBehind) {
  const auto directory = std::filesystem::temp_directory_path() / ("ogive-limits-" + std::to_string(::getpid()));
  const LimitsPlan plan{directory.string(), Milliseconds(1), 2 << 20, 1 << 20};
  const auto limits = measure_limits(io::posix_file_system(), plan);
  ASSERT_TRUE(limits.has_value()) << limits.error().message();
  EXPECT_GT(limits->memcpy_rate, 0);
  EXPECT_GT(limits->crc32_rate, 0);
  EXPECT_GT(limits->pwrite_rate, 0);
  EXPECT_GT(limits->sync_written_ns.count(), 0u);
  EXPECT_GT(limits->sync_growing_ns.count(), 0u);
  EXPECT_GT(limits->cold_read_rate, 0);
  EXPECT_GT(limits->warm_read_rate, 0);
  EXPECT_NE(limits_json(*limits).find("\"cold_read_mb_s\":"), std::string::npos);
  EXPECT_TRUE(std::filesystem::is_empty(directory));
  std::filesystem::remove_all(directory);
}

TEST(Limits, ADirectoryThatCannotBeMadeIsNamed) {
  LimitsPlan plan;
  plan.directory = "/proc/no-such-place/limits";
  const auto limits = measure_limits(io::posix_file_system(), plan);
  ASSERT_FALSE(limits.has_value());
  EXPECT_NE(limits.error().message().find(plan.directory), std::string::npos) << limits.error().message();
}

}  // namespace
}  // namespace ogive::bench
