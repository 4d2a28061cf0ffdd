// The same seed is the same run, event by event: in one process and in the next one, whose addresses and hash salts
// differ.

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "tests/simulation/scenario.h"

namespace ogive::sim {
namespace {

constexpr std::uint64_t kFirst = 20'001;
constexpr std::uint64_t kSeeds = 12;

std::string hashes() {
  std::string text;
  for (std::uint64_t seed = kFirst; seed < kFirst + kSeeds; ++seed) {
    text += fmt::format("{:016x} ", run_seed(seed).hash);
  }
  return text;
}

/// Not a test by itself: what TheNextProcessRunsTheSame reads.
TEST(Replay, DISABLED_PrintHashes) {
  fmt::print("hashes: {}\n", hashes());
}

TEST(Replay, TheSameProcessRunsTheSame) {
  // Other shards need not do it again.
  if (const char* shard = std::getenv("OGIVE_SIM_SHARD"); shard != nullptr && shard[0] != '0') GTEST_SKIP();
  EXPECT_EQ(hashes(), hashes());
  EXPECT_NE(run_seed(kFirst).hash, run_seed(kFirst + 1).hash);
}

TEST(Replay, TheNextProcessRunsTheSame) {
  if (const char* shard = std::getenv("OGIVE_SIM_SHARD"); shard != nullptr && shard[0] != '0') GTEST_SKIP();
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> other(
      ::popen((self + " --gtest_also_run_disabled_tests --gtest_filter=Replay.DISABLED_PrintHashes").c_str(), "r"),
      &::pclose);
  ASSERT_NE(other, nullptr);
  std::string output;
  char piece[512];
  while (std::fgets(piece, sizeof piece, other.get()) != nullptr) output += piece;
  EXPECT_NE(output.find("hashes: " + hashes()), std::string::npos) << output;
}

}  // namespace
}  // namespace ogive::sim
