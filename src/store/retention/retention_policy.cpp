#include "store/retention/retention_policy.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace ogive::store {

Result<std::vector<int>> parse_delete_hours(std::string_view text) {
  std::vector<int> hours;
  while (!text.empty()) {
    const std::size_t end = text.find(';');
    std::string_view word = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    while (!word.empty() && word.front() == ' ') word.remove_prefix(1);
    while (!word.empty() && word.back() == ' ') word.remove_suffix(1);
    if (word.empty()) continue;
    int hour = -1;
    const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), hour);
    if (error != std::errc() || stop != word.data() + word.size() || hour < 0 || hour > 23) {
      return fail(Errc::kInvalidArgument, fmt::format("deleteWhen: '{}' is no hour of the day (00 to 23)", word));
    }
    hours.push_back(hour);
  }
  return hours;
}

RetentionDecision decide_retention(const RetentionSettings& settings, const RetentionView& view) {
  RetentionDecision decision;
  if (view.files.empty()) return decision;
  decision.begin = view.files.front().begin;
  const bool hour_has_come = settings.hours.empty() || view.used_percent > settings.clean_percent ||
                             std::ranges::find(settings.hours, view.hour) != settings.hours.end();
  const bool too_full = settings.force && view.used_percent > settings.force_percent;
  std::uint64_t bytes = view.log_bytes;
  std::size_t count = 0;
  for (const OldFile& file : view.files) {
    if (count == settings.max_files) break;
    std::string reason;
    if (settings.max_bytes != 0 && bytes > settings.max_bytes) {
      reason = fmt::format("the log has {} bytes, more than retentionBytes={}", bytes, settings.max_bytes);
    } else if (too_full && count == 0) {
      // One at a time: what a file frees is only known afterwards.
      reason = fmt::format("the disk is {} % full, more than diskSpaceCleanForciblyRatio={}", view.used_percent,
                           settings.force_percent);
    } else if (hour_has_come && view.clock_trusted && view.now_ms - file.newest_ms > settings.reserved_ms) {
      reason = fmt::format("its messages are older than fileReservedTime ({} h)", settings.reserved_ms / 3'600'000);
    }
    if (reason.empty()) break;
    decision.begin = file.end;
    if (decision.reason.empty()) decision.reason = std::move(reason);
    bytes -= std::min(bytes, static_cast<std::uint64_t>(file.end - file.begin));
    ++count;
  }
  return decision;
}

int used_percent(const io::SpaceInfo& space) {
  if (space.total_bytes == 0) return 0;
  const std::uint64_t used = space.total_bytes - std::min(space.total_bytes, space.free_bytes);
  return static_cast<int>(std::ceil(static_cast<double>(used) / static_cast<double>(space.total_bytes) * 100));
}

Status check_space(const RetentionSettings& settings, const io::SpaceInfo& space, std::string_view path) {
  if (const int percent = used_percent(space); percent > settings.refuse_percent) {
    return fail(Errc::kNoSpace, fmt::format("the disk of {} is {} % full, more than diskSpaceWarningLevelRatio={}",
                                            path, percent, settings.refuse_percent));
  }
  if (space.free_bytes < settings.reserve_bytes) {
    return fail(Errc::kNoSpace, fmt::format("the disk of {} has {} bytes left, fewer than the {} kept for queues and "
                                            "metadata",
                                            path, space.free_bytes, settings.reserve_bytes));
  }
  return {};
}

}  // namespace ogive::store
