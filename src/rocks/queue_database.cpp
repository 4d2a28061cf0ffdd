#include "rocks/queue_database.h"

#include <fmt/core.h>

#include "base/bytes.h"

namespace ogive::rocks {
namespace {

constexpr std::string_view kOffsets = "offset";
constexpr std::string_view kCheckpointTopic = "CHECKPOINT_TOPIC";
constexpr std::string_view kMax = "max";
constexpr std::string_view kMin = "min";
constexpr char kSeparator = 1;
constexpr std::size_t kRecordBytes = 28;

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

std::string entry_key(std::string_view topic, QueueId id, std::int64_t offset) {
  std::string key = topic_prefix(topic);
  append(key, id.value());
  key += kSeparator;
  append(key, offset);
  return key;
}

std::string end_key(std::string_view topic, QueueId id, std::string_view which) {
  std::string key = topic_prefix(topic);
  key += which;
  key += kSeparator;
  append(key, id.value());
  return key;
}

std::string end_value(std::int64_t physical_offset, std::int64_t offset) {
  std::string value;
  append(value, physical_offset);
  append(value, offset);
  return value;
}

std::string record_value(const QueueRecord& record) {
  std::string value;
  append(value, record.physical_offset);
  append(value, record.size);
  append(value, record.tags_code);
  append(value, record.store_time_ms);
  return value;
}

std::optional<QueueRecord> read_record(std::string_view value) {
  if (value.size() != kRecordBytes) return std::nullopt;
  ByteReader reader(as_bytes(value));
  QueueRecord record;
  record.physical_offset = reader.read<std::int64_t>();
  record.size = reader.read<std::int32_t>();
  record.tags_code = reader.read<std::int64_t>();
  record.store_time_ms = reader.read<std::int64_t>();
  return record;
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

}  // namespace

Result<std::unique_ptr<QueueDatabase>> QueueDatabase::open(const std::string& path, Database::Mode mode) {
  auto database = Database::open(path, mode, {std::string(kOffsets)});
  if (!database) return fail(std::move(database).error());
  return std::unique_ptr<QueueDatabase>(new QueueDatabase(std::move(*database)));
}

Result<std::int64_t> QueueDatabase::covered() const {
  auto value = database_->get(kOffsets, end_key(kCheckpointTopic, QueueId(0), kMax));
  if (!value) return fail(std::move(value).error());
  if (!*value || (*value)->size() < sizeof(std::int64_t)) return 0;
  return load_be<std::int64_t>((*value)->data());
}

Result<std::vector<QueueReach>> QueueDatabase::reaches() const {
  std::vector<QueueReach> reaches;
  const Status read = database_->for_each(kOffsets, "", [&](std::string_view key, std::string_view value) -> Status {
    ByteReader reader(as_bytes(key));
    const std::string_view topic = take_topic(reader);
    if (topic.empty() || topic == kCheckpointTopic || reader.take_chars(kMax.size()) != kMax) return {};
    const bool separated = take_separator(reader);
    const auto id = reader.read<std::int32_t>();
    if (!separated || !reader.ok() || reader.remaining() != 0 || value.size() != 16) {
      return fail(Errc::kCorrupt, fmt::format("the end of a queue of topic {} in {} is not of the known form", topic,
                                              database_->path()));
    }
    reaches.push_back({std::string(topic), QueueId(id), load_be<std::int64_t>(value.data() + 8),
                       load_be<std::int64_t>(value.data())});
    return {};
  });
  if (!read) return fail(read.error());
  return reaches;
}

Result<std::optional<QueueRecord>> QueueDatabase::entry(std::string_view topic, QueueId id, std::int64_t offset) const {
  auto value = database_->get(kDefaultFamily, entry_key(topic, id, offset));
  if (!value) return fail(std::move(value).error());
  if (!*value) return std::nullopt;
  auto record = read_record(**value);
  if (record) return record;
  return fail(Errc::kCorrupt, fmt::format("the entry of offset {} in queue {} of topic {} in {} has {} bytes", offset,
                                          id.value(), topic, database_->path(), (*value)->size()));
}

Status QueueDatabase::for_each_entry(const Visitor& visit) const {
  return database_->for_each(kDefaultFamily, "", [&](std::string_view key, std::string_view value) -> Status {
    ByteReader reader(as_bytes(key));
    const std::string_view topic = take_topic(reader);
    const auto id = reader.read<std::int32_t>();
    const bool separated = take_separator(reader);
    const auto offset = reader.read<std::int64_t>();
    const auto record = read_record(value);
    if (topic.empty() || !separated || !reader.ok() || reader.remaining() != 0 || !record) {
      return fail(Errc::kCorrupt, fmt::format("{} has a queue entry that is not of the known form", database_->path()));
    }
    return visit(topic, QueueId(id), offset, *record);
  });
}

void QueueDatabase::add(std::string_view topic, QueueId id, std::int64_t offset, std::int32_t count,
                        const QueueRecord& record) {
  database_->put(batch_, kDefaultFamily, entry_key(topic, id, offset), record_value(record));
  ends_[end_key(topic, id, kMax)] = end_value(record.physical_offset, offset + count - 1);
}

Status QueueDatabase::commit(std::int64_t covered) {
  for (const auto& [key, value] : ends_) database_->put(batch_, kOffsets, key, value);
  ends_.clear();
  std::string value;
  append(value, covered);
  database_->put(batch_, kOffsets, end_key(kCheckpointTopic, QueueId(0), kMax), value);
  return database_->write(batch_, false);
}

Status QueueDatabase::set_end(const QueueReach& reach) {
  Batch batch;
  database_->put(batch, kOffsets, end_key(reach.topic, reach.id, kMax),
                 end_value(reach.physical_offset, reach.last_offset));
  return database_->write(batch, false);
}

Status QueueDatabase::set_begin(std::string_view topic, QueueId id, std::int64_t offset, std::int64_t physical_offset) {
  const std::string key = end_key(topic, id, kMin);
  const std::string value = end_value(physical_offset, offset);
  auto known = database_->get(kOffsets, key);
  if (!known) return fail(std::move(known).error());
  if (*known == value) return {};
  Batch batch;
  database_->put(batch, kOffsets, key, value);
  return database_->write(batch, false);
}

Status QueueDatabase::remove(std::string_view topic, QueueId id) {
  Batch batch;
  database_->remove_range(batch, kDefaultFamily, entry_key(topic, id, 0), entry_key(topic, id, INT64_MAX));
  database_->remove(batch, kOffsets, end_key(topic, id, kMax));
  database_->remove(batch, kOffsets, end_key(topic, id, kMin));
  return database_->write(batch, false);
}

}  // namespace ogive::rocks
