#include "protocol/version_name.h"

#include <fmt/core.h>

#include <array>
#include <string_view>

namespace ogive::protocol {
namespace {

/// The releases of 3.0.0 follow no rule.
constexpr std::array<std::string_view, 16> kFirst = {
    "SNAPSHOT", "ALPHA1",         "BETA1", "BETA2",          "BETA3", "BETA4",          "BETA5", "BETA6_SNAPSHOT",
    "BETA6",    "BETA7_SNAPSHOT", "BETA7", "BETA8_SNAPSHOT", "BETA8", "BETA9_SNAPSHOT", "BETA9", "FINAL"};

/// Numbered releases in a row: a snapshot and a release for each.
struct Span {
  std::int32_t begin;  ///< Number of the first snapshot.
  std::int32_t major;
  std::int32_t minor;
  std::int32_t patch;     ///< Of the first release.
  std::int32_t releases;  ///< Releases a minor version has in this span.
};

// Before 4.0.0 the minor versions have 15, 10, 10 and then 9 releases, from there on 10.
constexpr std::array<Span, 5> kSpans = {
    {{16, 3, 0, 1, 15}, {46, 3, 1, 0, 10}, {66, 3, 2, 0, 10}, {86, 3, 3, 1, 9}, {212, 4, 0, 0, 10}}};
constexpr std::int32_t kLast = 212 + 2 * 200;  ///< Behind 5.9.9.

}  // namespace

std::string version_name(std::int32_t version) {
  if (version < 0) return "UNKNOWN";
  if (version >= kLast) return "HIGHER_VERSION";
  if (version < kSpans[0].begin) return fmt::format("V3_0_0_{}", kFirst[static_cast<std::size_t>(version)]);
  const Span* span = &kSpans[0];
  for (const Span& candidate : kSpans) {
    if (candidate.begin <= version) span = &candidate;
  }
  const std::int32_t place = version - span->begin;
  const std::int32_t minors = span->minor + place / (2 * span->releases);
  const std::int32_t patch = span->patch + place % (2 * span->releases) / 2;
  return fmt::format("V{}_{}_{}{}", span->major + minors / 10, minors % 10, patch, place % 2 == 0 ? "_SNAPSHOT" : "");
}

}  // namespace ogive::protocol
