#pragma once
// Keys and values of a queue database, as bytes. Format: docs/formats/rocksdb.md. Pure; any thread. What is parsed may
// be anything: each parse_ function returns null for what is not exactly of the known form, and what it returns is
// written back as the same bytes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/strong_int.h"

namespace ogive::rocks {

// Kinds of end: a queue's last entry, and the first whose record is in the log.
inline constexpr std::string_view kMaxEnd = "max";
inline constexpr std::string_view kMinEnd = "min";
/// Its end has a value of its own form: format_covered().
inline constexpr std::string_view kCheckpointTopic = "CHECKPOINT_TOPIC";

/// Where one message is: the value of an entry.
struct QueueRecord {
  std::int64_t physical_offset = 0;
  std::int32_t size = 0;
  std::int64_t tags_code = 0;
  std::int64_t store_time_ms = 0;
  bool operator==(const QueueRecord&) const = default;
};

/// Key of an entry. Views are into the key it was parsed from.
struct EntryKey {
  std::string_view topic;
  QueueId id;
  std::int64_t offset = 0;  ///< Queue offset.
};

/// Key of an end. Views are into the key it was parsed from.
struct EndKey {
  std::string_view topic;
  QueueId id;
  std::string_view which;  ///< Three bytes; of another kind than the two above, perhaps.
};

/// Value of an end.
struct QueueEnd {
  std::int64_t physical_offset = 0;
  std::int64_t offset = 0;  ///< Queue offset.
};

std::string format_entry_key(std::string_view topic, QueueId id, std::int64_t offset);
std::optional<EntryKey> parse_entry_key(std::string_view key);
std::string format_record(const QueueRecord& record);
std::optional<QueueRecord> parse_record(std::string_view value);

std::string format_end_key(std::string_view topic, QueueId id, std::string_view which);
std::optional<EndKey> parse_end_key(std::string_view key);
std::string format_end(const QueueEnd& end);
std::optional<QueueEnd> parse_end(std::string_view value);

/// The log before this offset has its entries.
std::string format_covered(std::int64_t physical_offset);
std::optional<std::int64_t> parse_covered(std::string_view value);

}  // namespace ogive::rocks
