#pragma once
// One seed's whole story: a cluster, clients, disasters, recovery, and the verdict.

#include <cstdint>
#include <string>
#include <vector>

namespace ogive::sim {

struct SeedResult {
  std::uint64_t hash = 0;             ///< Of every event: equal for equal seeds.
  std::vector<std::string> breaches;  ///< Empty: the seed holds.
  std::vector<std::string> story;
  std::uint64_t sent = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t consumed = 0;
  std::uint64_t crashes = 0;
  std::uint64_t events = 0;
};

SeedResult run_seed(std::uint64_t seed);

}  // namespace ogive::sim
