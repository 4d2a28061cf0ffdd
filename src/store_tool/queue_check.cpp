#include "store_tool/queue_check.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "message/sys_flag.h"
#include "store/queue/entry_search.h"

namespace ogive::store_tool {
namespace {

constexpr std::size_t kPieceEntries = 200;
constexpr std::string_view kScheduleTopic = "SCHEDULE_TOPIC_XXXX";

std::string name_of(const store::ConsumeQueue& queue) {
  return fmt::format("queue {} of {}", queue.id().value(), queue.topic());
}

}  // namespace

Result<store::BatchEntry> QueueCheck::entry_at(const store::ConsumeQueue& queue, std::int64_t place) {
  Seen& seen = seen_[&queue];
  const auto size = static_cast<std::int64_t>(queue.entry_bytes());
  // A damaged record may claim any place.
  if (place < 0 || place >= queue.files().end / size) return store::BatchEntry{};
  if (place < seen.piece_begin || place - seen.piece_begin >= std::ssize(seen.piece) / size) {
    seen.piece.resize(kPieceEntries * queue.entry_bytes());
    seen.piece_begin = place;
    auto count = view_.queue_files().read(queue, place, seen.piece);
    if (!count) return fail(std::move(count).error());
    seen.piece.resize(*count * queue.entry_bytes());
    if (*count == 0) return store::BatchEntry{};
  }
  const std::byte* bytes = seen.piece.data() + (place - seen.piece_begin) * size;
  if (queue.kind() == store::QueueKind::kBatch) return store::BatchEntry::decode(bytes);
  return store::BatchEntry{store::QueueEntry::decode(bytes), 0, place, 1};
}

// First place whose entry lies at or behind that record, or that has none: entries ascend.
Result<std::int64_t> QueueCheck::first_place(const store::ConsumeQueue& queue, std::int64_t physical_offset) {
  const auto size = static_cast<std::int64_t>(queue.entry_bytes());
  const store::QueueFileSpan span = queue.files();
  return store::first_reached(
      span.begin / size, span.end / size, [&](std::int64_t place) { return entry_at(queue, place); },
      [](std::int64_t place) { return Result<std::int64_t>(place + 1); },  // Read by the piece.
      [&](const store::QueueEntry& entry) { return !entry.is_set() || entry.physical_offset >= physical_offset; });
}

Result<std::int64_t> QueueCheck::count_messages(const store::ConsumeQueue& queue, std::int64_t first,
                                                std::int64_t end) {
  std::int64_t count = 0;
  for (std::int64_t place = first; place < end; ++place) {
    auto entry = entry_at(queue, place);
    if (!entry) return fail(std::move(entry).error());
    if (!entry->is_filler()) ++count;
  }
  return count;
}

Status QueueCheck::add(const message::RecordView& record) {
  if (!message::takes_queue_offset(record.sys_flag) || record.queue_id < 0) return {};
  store::ConsumeQueue* queue = view_.queues().find(record.topic, QueueId(record.queue_id));
  if (queue == nullptr) {
    QueueBounds& bounds =
        bounds_.try_emplace({std::string(record.topic), record.queue_id}, QueueBounds{record.queue_offset, 0})
            .first->second;
    bounds.max = std::max(bounds.max, record.queue_offset + message::message_count(record));
    report_.count("records without a queue");
    if (report_.counts().at("records without a queue") == 1) {
      report_.add(Severity::kNote, fmt::format("record at {}", record.physical_offset),
                  fmt::format("queue {} of {} has no files: the topic was deleted, or they are made anew at the next "
                              "start",
                              record.queue_id, record.topic));
    }
    return {};
  }
  Seen& seen = seen_[queue];
  std::int64_t place = record.queue_offset;
  if (queue->kind() == store::QueueKind::kBatch) {
    if (seen.next_place < 0) {
      auto first = first_place(*queue, record.physical_offset);
      if (!first) return fail(std::move(first).error());
      seen.next_place = *first;
    }
    place = seen.next_place++;
  }
  auto entry = entry_at(*queue, place);
  if (!entry) return fail(std::move(entry).error());
  if (!entry->is_set()) {
    report_.add(Severity::kRepairs, name_of(*queue),
                fmt::format("has no entry {} for the record at {}", place, record.physical_offset));
    return {};
  }
  ++seen.entries;
  compare(*queue, record, *entry);
  return {};
}

void QueueCheck::compare(const store::ConsumeQueue& queue, const message::RecordView& record,
                         const store::BatchEntry& entry) {
  if (entry.physical_offset != record.physical_offset || entry.size != record.size) {
    report_.add(Severity::kRepairs, name_of(queue),
                fmt::format("entry of offset {} points to {} bytes at {}, its record has {} at {}", record.queue_offset,
                            entry.size, entry.physical_offset, record.size, record.physical_offset));
    return;
  }
  const bool has_code =
      record.topic != kScheduleTopic && entry.tags_code >= INT32_MIN && (record.sys_flag & message::kInnerBatch) == 0;
  if (has_code && entry.tags_code != message::tags_code_of(record.properties)) {
    report_.add(Severity::kRepairs, name_of(queue),
                fmt::format("entry of offset {} has tags code {}, its record {}", record.queue_offset, entry.tags_code,
                            message::tags_code_of(record.properties)));
  }
  if (queue.kind() == store::QueueKind::kBatch &&
      (entry.base != record.queue_offset || entry.count != message::message_count(record))) {
    report_.add(Severity::kRepairs, name_of(queue),
                fmt::format("the entry of the record at {} says {} messages from offset {}, the record {} from {}",
                            record.physical_offset, entry.count, entry.base, message::message_count(record),
                            record.queue_offset));
  }
}

Status QueueCheck::finish() {
  const std::int64_t log_begin = view_.segments().begin();
  for (store::ConsumeQueue* queue : view_.queues().all()) {
    if (queue->files().begin == queue->files().end) continue;
    auto first = first_place(*queue, log_begin);
    if (!first) return fail(std::move(first).error());
    auto end = first_place(*queue, INT64_MAX);
    if (!end) return fail(std::move(end).error());
    OGIVE_TRY(note_bounds(*queue, *first, *end));
    report_.count("queues");
    report_.count("queue entries", *end - *first);
    const std::int64_t expected = seen_[queue].entries;
    if (*end - *first <= expected) continue;
    auto messages = count_messages(*queue, *first, *end);
    if (!messages) return fail(std::move(messages).error());
    if (*messages > expected) {
      report_.add(Severity::kRepairs, name_of(*queue),
                  fmt::format("has {} entries for {} records", *messages, expected));
    }
  }
  return {};
}

Status QueueCheck::note_bounds(const store::ConsumeQueue& queue, std::int64_t first, std::int64_t end) {
  QueueBounds bounds{first, end};
  if (queue.kind() == store::QueueKind::kBatch) {
    bounds = {};
    if (first < end) {
      auto oldest = entry_at(queue, first);
      if (!oldest) return fail(std::move(oldest).error());
      auto newest = entry_at(queue, end - 1);
      if (!newest) return fail(std::move(newest).error());
      bounds = {oldest->base, newest->base + newest->count};
    }
  }
  bounds_[{queue.topic(), queue.id().value()}] = bounds;
  return {};
}

}  // namespace ogive::store_tool
