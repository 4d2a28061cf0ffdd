#pragma once
// Damage in the middle of the log: found out from its end, kept aside, and put right so that every reader gets past it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "io/file.h"
#include "store/log/segment.h"
#include "store/recovery/log_scanner.h"

namespace ogive::store {

/// Bytes [begin, end) of the log that are no records, though records follow.
struct DamagedRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t store_timestamp_ms = 0;  ///< Of the last record in front of it.
};

/// Where the log goes on behind the place a scan stopped at; nothing when it ends there.
///
/// Intact records behind a bad one are not enough: a loss of power may leave them behind one that was lost, and cutting
/// the log once may have left them behind its end. The log goes on when what follows was on the device for long: the
/// next record before `flushed_ms` (the checkpoint's time), or a later one by being kUnflushedMs younger than what is
/// before the damage. Behind zeros, where logs end, only a later file's records count. Blocking.
Result<std::optional<std::int64_t>> find_continuation(const SegmentList& segments, bool verify_property_crc,
                                                      const ScanEnd& stopped, std::int64_t flushed_ms);
inline constexpr std::int64_t kUnflushedMs = 60'000;  ///< No log is flushed more rarely.

/// Topic of the records that take damage's place. They belong to no queue.
inline constexpr std::string_view kDamagedTopic = "OGIVE_DAMAGED";

/// Keeps the bytes of `range` in `directory` (see keep_aside), then writes records of the same length in their place,
/// which no queue has entries of: other readers of the log (a restart of another server, a slave) would take the damage
/// for its end. Returns the name of the file; an empty one, with nothing changed, when the range is too small for a
/// record. Blocking; nothing is appended meanwhile.
Result<std::string> seal_damage(io::FileSystem& files, const SegmentList& segments, const DamagedRange& range,
                                const std::string& directory);

/// Writes the bytes of `range` to a file in `directory`, durably, and returns its path. It is named after the range's
/// begin; what a file of that name holds already stays, and other bytes from the same place get a number behind the
/// name. The same bytes are kept once. kLimit when there are kMaxKept files from that place. Blocking.
Result<std::string> keep_aside(io::FileSystem& files, const SegmentList& segments, const DamagedRange& range,
                               const std::string& directory);
inline constexpr int kMaxKept = 100;

/// The offset that the first byte of such a file had in the log; -1 when it is none.
std::int64_t parse_kept_name(std::string_view name);

}  // namespace ogive::store
