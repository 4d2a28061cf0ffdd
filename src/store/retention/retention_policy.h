#pragma once
// Which commit log files have to go: a pure decision from what there is and what is set.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "io/file.h"

namespace ogive::store {

struct RetentionSettings {
  std::int64_t reserved_ms = 72 * 3'600'000LL;  ///< fileReservedTime: age from which a file may go.
  /// deleteWhen: hours of the day (local time) in which files that are old enough go; empty: whenever they are.
  std::vector<int> hours;
  std::uint64_t max_bytes = 0;              ///< retentionBytes: of the whole log, 0 for no limit.
  int clean_percent = 75;                   ///< diskMaxUsedSpaceRatio: fuller, and the hour does not matter.
  int force_percent = 85;                   ///< diskSpaceCleanForciblyRatio: fuller, and the age does not matter.
  bool force = true;                        ///< cleanFileForciblyEnable
  int refuse_percent = 90;                  ///< diskSpaceWarningLevelRatio: fuller, and nothing is appended.
  std::uint64_t reserve_bytes = 32u << 20;  ///< Kept free for metadata, queues and index whatever the ratios say.
  std::size_t max_files = 10;               ///< deleteFileBatchMax: in one round.
  std::int64_t interval_ms = 10'000;        ///< cleanResourceInterval
  std::int64_t file_interval_ms = 100;      ///< deleteCommitLogFilesInterval
};

/// "04;05" to hours; kInvalidArgument names what is none.
Result<std::vector<int>> parse_delete_hours(std::string_view text);

/// A commit log file that may go: everything in it is older than the append position's file.
struct OldFile {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t newest_ms = 0;  ///< No record in it is younger.
};

struct RetentionView {
  std::span<const OldFile> files;  ///< Ascending.
  std::uint64_t log_bytes = 0;     ///< From the first file's begin to the append position.
  int used_percent = 0;            ///< Of the fullest disk the log lies on.
  std::int64_t now_ms = 0;         ///< Wall clock.
  int hour = 0;                    ///< Of the day, local time.
  bool clock_trusted = true;       ///< False: it has jumped, and ages mean nothing.
};

struct RetentionDecision {
  std::int64_t begin = 0;  ///< Where the log begins afterwards.
  std::string reason;      ///< For the log; empty when nothing goes.
};

/// Where the log should begin. Files go from the oldest on, at most max_files.
RetentionDecision decide_retention(const RetentionSettings& settings, const RetentionView& view);

/// Percent used of a disk, rounded up as `df` does; what only root may use counts as used.
int used_percent(const io::SpaceInfo& space);

/// Whether the log may take more of the disk; the error says which limit is reached.
Status check_space(const RetentionSettings& settings, const io::SpaceInfo& space, std::string_view path);

}  // namespace ogive::store
