// 1,000 seeds of whole clusters under disasters.
//
// OGIVE_SIM_FIRST_SEED (1) and OGIVE_SIM_SEEDS (1000) choose the seeds, OGIVE_SIM_SHARD=i/n a part of them,
// OGIVE_SIM_LOG=1 shows what the servers log.

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/simulation/scenario.h"

namespace ogive::sim {
namespace {

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? otherwise : std::strtoull(value, nullptr, 10);
}

std::string report(std::uint64_t seed, const SeedResult& result) {
  std::string text = fmt::format("seed {} fails:\n", seed);
  for (const std::string& breach : result.breaches) text += "  " + breach + "\n";
  text += "what happened:\n";
  for (const std::string& line : result.story) text += "  " + line + "\n";
  text += fmt::format(
      "replay: OGIVE_SIM_FIRST_SEED={} OGIVE_SIM_SEEDS=1 OGIVE_SIM_LOG=1 "
      "build/release/tests/simulation/simulation_test\n",
      seed);
  return text;
}

TEST(Simulation, NothingAcknowledgedIsLostAndEverybodyGetsEverything) {
  const std::uint64_t first = number_from("OGIVE_SIM_FIRST_SEED", 1);
  const std::uint64_t count = number_from("OGIVE_SIM_SEEDS", 1'000);
  unsigned long shard = 0, shards = 1;
  if (const char* text = std::getenv("OGIVE_SIM_SHARD")) {
    char* rest = nullptr;
    shard = std::strtoul(text, &rest, 10);
    shards = *rest == '/' ? std::strtoul(rest + 1, nullptr, 10) : 1;
    ASSERT_TRUE(shards > 0 && shard < shards) << "OGIVE_SIM_SHARD=" << text;
  }
  SeedResult total;
  std::uint64_t failures = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    if (seed % shards != shard) continue;
    const SeedResult result = run_seed(seed);
    total.sent += result.sent;
    total.acknowledged += result.acknowledged;
    total.consumed += result.consumed;
    total.crashes += result.crashes;
    total.events += result.events;
    if (result.breaches.empty()) continue;
    ADD_FAILURE() << report(seed, result);
    if (++failures >= number_from("OGIVE_SIM_MAX_FAILURES", 5)) break;
  }
  fmt::print("{} messages sent, {} acknowledged, {} consumed, {} broker crashes, {} events\n", total.sent,
             total.acknowledged, total.consumed, total.crashes, total.events);
}

}  // namespace
}  // namespace ogive::sim
