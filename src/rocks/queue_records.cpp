#include "rocks/queue_records.h"

#include "base/bytes.h"

namespace ogive::rocks {
namespace {

constexpr char kSeparator = 1;

template <class Int>
void append(std::string& to, Int value) {
  char bytes[sizeof(Int)];
  store_be(bytes, value);
  to.append(bytes, sizeof bytes);
}

// length 01 topic 01, the beginning of every key.
std::string topic_prefix(std::string_view topic) {
  std::string key;
  append(key, static_cast<std::int32_t>(topic.size()));
  key += kSeparator;
  key += topic;
  key += kSeparator;
  return key;
}

bool take_separator(ByteReader& reader) {
  return reader.read<char>() == kSeparator;
}

/// The topic of a key; the reader stands behind its separator. Empty for a key of another form.
std::string_view take_topic(ByteReader& reader) {
  const auto length = reader.read<std::int32_t>();
  if (length <= 0 || !take_separator(reader)) return {};
  const std::string_view topic = reader.take_chars(static_cast<std::size_t>(length));
  return reader.ok() && take_separator(reader) ? topic : std::string_view();
}

bool at_end(const ByteReader& reader) {
  return reader.ok() && reader.remaining() == 0;
}

}  // namespace

std::string format_entry_key(std::string_view topic, QueueId id, std::int64_t offset) {
  std::string key = topic_prefix(topic);
  append(key, id.value());
  key += kSeparator;
  append(key, offset);
  return key;
}

std::optional<EntryKey> parse_entry_key(std::string_view key) {
  ByteReader reader(as_bytes(key));
  EntryKey entry;
  entry.topic = take_topic(reader);
  entry.id = QueueId(reader.read<std::int32_t>());
  const bool separated = take_separator(reader);
  entry.offset = reader.read<std::int64_t>();
  if (entry.topic.empty() || !separated || !at_end(reader)) return std::nullopt;
  return entry;
}

std::string format_record(const QueueRecord& record) {
  std::string value;
  append(value, record.physical_offset);
  append(value, record.size);
  append(value, record.tags_code);
  append(value, record.store_time_ms);
  return value;
}

std::optional<QueueRecord> parse_record(std::string_view value) {
  ByteReader reader(as_bytes(value));
  QueueRecord record;
  record.physical_offset = reader.read<std::int64_t>();
  record.size = reader.read<std::int32_t>();
  record.tags_code = reader.read<std::int64_t>();
  record.store_time_ms = reader.read<std::int64_t>();
  if (!at_end(reader)) return std::nullopt;
  return record;
}

std::string format_end_key(std::string_view topic, QueueId id, std::string_view which) {
  std::string key = topic_prefix(topic);
  key += which;
  key += kSeparator;
  append(key, id.value());
  return key;
}

std::optional<EndKey> parse_end_key(std::string_view key) {
  ByteReader reader(as_bytes(key));
  EndKey end;
  end.topic = take_topic(reader);
  end.which = reader.take_chars(kMaxEnd.size());
  const bool separated = take_separator(reader);
  end.id = QueueId(reader.read<std::int32_t>());
  if (end.topic.empty() || !separated || !at_end(reader)) return std::nullopt;
  return end;
}

std::string format_end(const QueueEnd& end) {
  std::string value;
  append(value, end.physical_offset);
  append(value, end.offset);
  return value;
}

std::optional<QueueEnd> parse_end(std::string_view value) {
  ByteReader reader(as_bytes(value));
  QueueEnd end;
  end.physical_offset = reader.read<std::int64_t>();
  end.offset = reader.read<std::int64_t>();
  if (!at_end(reader)) return std::nullopt;
  return end;
}

std::string format_covered(std::int64_t physical_offset) {
  std::string value;
  append(value, physical_offset);
  return value;
}

std::optional<std::int64_t> parse_covered(std::string_view value) {
  ByteReader reader(as_bytes(value));
  const auto physical_offset = reader.read<std::int64_t>();
  if (!at_end(reader)) return std::nullopt;
  return physical_offset;
}

}  // namespace ogive::rocks
