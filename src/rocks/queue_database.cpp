#include "rocks/queue_database.h"

#include <fmt/core.h>

namespace ogive::rocks {
namespace {

constexpr std::string_view kOffsets = "offset";

}  // namespace

Result<std::unique_ptr<QueueDatabase>> QueueDatabase::open(const std::string& path, Database::Mode mode) {
  auto database = Database::open(path, mode, {std::string(kOffsets)});
  if (!database) return fail(std::move(database).error());
  return std::unique_ptr<QueueDatabase>(new QueueDatabase(std::move(*database)));
}

Result<std::int64_t> QueueDatabase::covered() const {
  auto value = database_->get(kOffsets, format_end_key(kCheckpointTopic, QueueId(0), kMaxEnd));
  if (!value) return fail(std::move(value).error());
  return *value ? parse_covered(**value).value_or(0) : 0;
}

Result<std::vector<QueueReach>> QueueDatabase::reaches() const {
  std::vector<QueueReach> reaches;
  const Status read = database_->for_each(kOffsets, "", [&](std::string_view key, std::string_view value) -> Status {
    const auto parsed = parse_end_key(key);
    if (parsed && (parsed->topic == kCheckpointTopic || parsed->which != kMaxEnd)) return {};
    const auto end = parse_end(value);
    if (!parsed || !end) {
      return fail(Errc::kCorrupt,
                  fmt::format("the end of a queue{} in {} is not of the known form; move it away: the next broker "
                              "makes it anew from the log",
                              parsed ? fmt::format(" of topic {}", parsed->topic) : "", database_->path()));
    }
    reaches.push_back({std::string(parsed->topic), parsed->id, end->offset, end->physical_offset});
    return {};
  });
  if (!read) return fail(read.error());
  return reaches;
}

Result<std::optional<QueueRecord>> QueueDatabase::entry(std::string_view topic, QueueId id, std::int64_t offset) const {
  auto value = database_->get(kDefaultFamily, format_entry_key(topic, id, offset));
  if (!value) return fail(std::move(value).error());
  if (!*value) return std::nullopt;
  auto record = parse_record(**value);
  if (record) return record;
  return fail(Errc::kCorrupt, fmt::format("the entry of offset {} in queue {} of topic {} in {} has {} bytes", offset,
                                          id.value(), topic, database_->path(), (*value)->size()));
}

Status QueueDatabase::for_each_entry(const Visitor& visit) const {
  return database_->for_each(kDefaultFamily, "", [&](std::string_view key, std::string_view value) -> Status {
    const auto entry = parse_entry_key(key);
    const auto record = parse_record(value);
    if (!entry || !record) {
      return fail(Errc::kCorrupt, fmt::format("{} has a queue entry that is not of the known form", database_->path()));
    }
    return visit(entry->topic, entry->id, entry->offset, *record);
  });
}

void QueueDatabase::add(std::string_view topic, QueueId id, std::int64_t offset, std::int32_t count,
                        const QueueRecord& record) {
  database_->put(batch_, kDefaultFamily, format_entry_key(topic, id, offset), format_record(record));
  ends_[format_end_key(topic, id, kMaxEnd)] = format_end({record.physical_offset, offset + count - 1});
}

Status QueueDatabase::commit(std::int64_t covered) {
  for (const auto& [key, value] : ends_) database_->put(batch_, kOffsets, key, value);
  ends_.clear();
  database_->put(batch_, kOffsets, format_end_key(kCheckpointTopic, QueueId(0), kMaxEnd), format_covered(covered));
  return database_->write(batch_, false);
}

Status QueueDatabase::set_end(const QueueReach& reach) {
  Batch batch;
  database_->put(batch, kOffsets, format_end_key(reach.topic, reach.id, kMaxEnd),
                 format_end({reach.physical_offset, reach.last_offset}));
  return database_->write(batch, false);
}

Status QueueDatabase::set_begin(std::string_view topic, QueueId id, std::int64_t offset, std::int64_t physical_offset) {
  const std::string key = format_end_key(topic, id, kMinEnd);
  const std::string value = format_end({physical_offset, offset});
  auto known = database_->get(kOffsets, key);
  if (!known) return fail(std::move(known).error());
  if (*known == value) return {};
  Batch batch;
  database_->put(batch, kOffsets, key, value);
  return database_->write(batch, false);
}

Status QueueDatabase::remove(std::string_view topic, QueueId id) {
  Batch batch;
  database_->remove_range(batch, kDefaultFamily, format_entry_key(topic, id, 0),
                          format_entry_key(topic, id, INT64_MAX));
  database_->remove(batch, kOffsets, format_end_key(topic, id, kMaxEnd));
  database_->remove(batch, kOffsets, format_end_key(topic, id, kMinEnd));
  return database_->write(batch, false);
}

}  // namespace ogive::rocks
