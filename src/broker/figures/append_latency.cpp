#include "broker/figures/append_latency.h"

#include <fmt/core.h>

#include <numeric>
#include <string_view>
#include <utility>

namespace ogive::broker {
namespace {

struct Stretch {
  std::int64_t end_ms;
  std::int64_t step_ms;
};
constexpr Stretch kStretches[] = {{20, 1}, {50, 2}, {100, 5}, {200, 10}, {500, 50}, {1'000, 100}, {10'000, 1'000}};

}  // namespace

std::size_t AppendLatency::bucket_of(std::int64_t ms) {
  if (ms <= 0) return 0;
  std::size_t bucket = 1;  // Bucket 0 is "at once".
  std::int64_t begin = 0;
  for (const auto& [end, step] : kStretches) {
    if (ms <= end) return bucket + static_cast<std::size_t>((ms - begin - 1) / step);
    bucket += static_cast<std::size_t>((end - begin) / step);
    begin = end;
  }
  return kBuckets - 1;
}

std::int64_t AppendLatency::bound_of(std::size_t bucket) {
  if (bucket == 0) return 0;
  std::size_t first = 1;
  std::int64_t begin = 0;
  for (const auto& [end, step] : kStretches) {
    const auto count = static_cast<std::size_t>((end - begin) / step);
    if (bucket < first + count) return begin + static_cast<std::int64_t>(bucket - first + 1) * step;
    first += count;
    begin = end;
  }
  return begin;
}

AppendLatency::Counts AppendLatency::counts() const {
  Counts counts;
  for (std::size_t i = 0; i < kBuckets; ++i) counts[i] = buckets_[i].get();
  return counts;
}

double latency_percentile(const AppendLatency::Counts& counts, double part) {
  const auto total = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  const double wanted = static_cast<double>(total) * part;
  double passed = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto here = static_cast<double>(counts[i]);
    if (here > 0 && passed + here >= wanted) {
      const auto begin = static_cast<double>(i == 0 ? 0 : AppendLatency::bound_of(i - 1));
      const auto end = static_cast<double>(AppendLatency::bound_of(i));
      return begin + (end - begin) * (wanted - passed) / here;
    }
    passed += here;
  }
  return 0;
}

std::string latency_distribution(const AppendLatency::Counts& counts) {
  static constexpr std::pair<std::int64_t, std::string_view> kPrinted[] = {
      {0, "[<=0ms]"},       {10, "[0~10ms]"},      {50, "[10~50ms]"},    {100, "[50~100ms]"}, {200, "[100~200ms]"},
      {500, "[200~500ms]"}, {1'000, "[500ms~1s]"}, {2'000, "[1~2s]"},    {3'000, "[2~3s]"},   {4'000, "[3~4s]"},
      {5'000, "[4~5s]"},    {10'000, "[5~10s]"},   {INT64_MAX, "[10s~]"}};
  std::string text;
  std::size_t bucket = 0;
  for (const auto& [end, name] : kPrinted) {
    std::uint64_t sum = 0;
    while (bucket < counts.size() && (AppendLatency::bound_of(bucket) <= end && bucket + 1 < counts.size())) {
      sum += counts[bucket++];
    }
    if (end == INT64_MAX) sum += counts.back();
    text += fmt::format("{}:{} ", name, sum);
  }
  return text;
}

}  // namespace ogive::broker
