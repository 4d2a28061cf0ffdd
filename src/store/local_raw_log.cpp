#include "store/local_raw_log.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/log.h"
#include "message/record.h"
#include "store/queue/consume_queue.h"
#include "store/queue_rule.h"

namespace ogive::store {
namespace {

// How far a record can reach back from a place inside it.
constexpr std::int64_t kMaxRecordBytes = 32 << 20;
constexpr std::int64_t kSearchStep = 1 << 20;
// Size, magic and physical offset: what names a record by its place.
constexpr std::size_t kRecordHeadBytes = message::kPhysicalOffsetPosition + 8;

bool is_message_magic(std::int32_t magic) {
  return magic == message::kMagicV1 || magic == message::kMagicV2;
}

}  // namespace

LocalRawLog::LocalRawLog(const RawLogParts& parts, Watermark& appended, Watermark& flushed,
                         std::vector<std::int64_t> delay_level_ms)
    : parts_(parts), appended_(appended), flushed_(flushed), delay_level_ms_(std::move(delay_level_ms)) {}

bool LocalRawLog::share(PhysicalOffset begin, PhysicalOffset end, io::OutBuffer& out) const {
  const LogRange range{begin.value(), end.value()};
  return parts_.cache.share({&range, 1}, out);
}

Result<std::shared_ptr<Segment>> LocalRawLog::segment_of(PhysicalOffset offset, std::size_t count) const {
  auto segment = parts_.segments.find(offset.value());
  if (segment == nullptr || offset.value() + static_cast<std::int64_t>(count) > segment->end) {
    return fail(Errc::kNotFound, fmt::format("the commit log in {} has no {} bytes at {} in one file",
                                             parts_.segments.directory(), count, offset.value()));
  }
  return segment;
}

Result<io::FileRange> LocalRawLog::fetch(PhysicalOffset offset, std::size_t count, std::size_t ahead) const {
  const auto found = segment_of(offset, count);
  if (!found) return fail(found.error());
  const std::shared_ptr<Segment>& segment = *found;
  const auto at = static_cast<std::uint64_t>(offset.value() - segment->begin);
  const auto left = static_cast<std::size_t>(segment->end - offset.value()) - count;
  OGIVE_TRY(segment->file->prefetch(at, count, std::min(ahead, left)));
  // Removed by retention meanwhile, it is there until it has been sent.
  return io::FileRange{std::shared_ptr<const io::File>(segment, segment->file.get()), at, count};
}

Status LocalRawLog::read(PhysicalOffset offset, std::span<std::byte> out) const {
  const auto found = segment_of(offset, out.size());
  if (!found) return fail(found.error());
  const std::shared_ptr<Segment>& segment = *found;
  auto count = segment->file->read_at(static_cast<std::uint64_t>(offset.value() - segment->begin), out);
  if (!count) return fail(std::move(count).error());
  if (*count == out.size()) return {};
  return fail(Errc::kCorrupt, fmt::format("the commit log file {}/{} ends {} bytes short", parts_.segments.directory(),
                                          segment_name(segment->begin), out.size() - *count));
}

// Whether the bytes at `at` of a window that begins at `offset` are the head of a record or blank of this place.
bool LocalRawLog::is_behind(std::int64_t offset, ByteView window, std::size_t at) const {
  if (at + 8 > window.size()) return false;
  const auto size = load_be<std::int32_t>(window.data() + at);
  const auto magic = load_be<std::int32_t>(window.data() + at + 4);
  const std::int64_t place = offset + static_cast<std::int64_t>(at);
  const std::int64_t segment_end = parts_.segments.begin_of(place) + segment_bytes();
  if (magic == message::kMagicBlank) return place + size == segment_end;
  if (!is_message_magic(magic) || at + kRecordHeadBytes > window.size()) return false;
  return load_be<std::int64_t>(window.data() + at + message::kPhysicalOffsetPosition) == place;
}

Result<RawLog::Place> LocalRawLog::place_of(PhysicalOffset where) const {
  const std::int64_t offset = where.value();
  if (where < begin() || where > end()) return Place::kOutside;
  if (where == begin() || where == end()) return Place::kBoundary;
  const std::int64_t floor = std::max(parts_.segments.begin_of(offset), offset - kMaxRecordBytes);
  std::vector<std::byte> window;
  for (std::int64_t stop = offset + 1; stop > floor;) {
    const std::int64_t start = std::max(floor, stop - kSearchStep);
    // Heads that begin before `stop` are looked at; they may end behind it.
    const std::int64_t limit = std::min({stop + static_cast<std::int64_t>(kRecordHeadBytes), end().value(),
                                         parts_.segments.begin_of(start) + segment_bytes()});
    window.resize(static_cast<std::size_t>(limit - start));
    OGIVE_TRY(read(PhysicalOffset(start), window));
    for (std::int64_t place = std::min(stop, limit) - 1; place >= start; --place) {
      const auto at = static_cast<std::size_t>(place - start);
      if (!is_behind(start, window, at)) continue;
      if (place == offset) return Place::kBoundary;
      const auto size = load_be<std::int32_t>(window.data() + at);
      return place + size > offset ? Place::kInside : Place::kNowhere;
    }
    stop = start;
  }
  return Place::kNowhere;
}

Status LocalRawLog::begin_at(PhysicalOffset offset) {
  if (offset.value() < 0 || offset.value() % segment_bytes() != 0) {
    return fail(Errc::kInvalidArgument,
                fmt::format("a log cannot begin at offset {}: with mappedFileSizeCommitLog={} files begin at its "
                            "multiples; set the master's value",
                            offset.value(), segment_bytes()));
  }
  if (end() != begin()) {
    return fail(Errc::kInvalidArgument, fmt::format("the log in {} is not empty", parts_.segments.directory()));
  }
  const Status begun = parts_.prewriter.exclusively([&]() -> Status {
    OGIVE_TRY(parts_.segments.remove_from(0));
    return parts_.segments.create_next(offset.value());
  });
  if (!begun) return begun;
  LogPosition position = parts_.log.position();
  position.end = position.last_record = offset.value();
  parts_.log.start(position);
  appended_.advance(offset);
  flushed_.advance(offset);
  return {};
}

/// Where seal() is within a batch.
struct LocalRawLog::Cut {
  const KnowsTopic& knows;
  SealedBatch result{};
  std::size_t at = 0;   ///< Behind the last whole record.
  std::string topic{};  ///< Of `queue`, to spare looking it up for each of a run of records.
  ConsumeQueue* queue = nullptr;
};

Result<SealedBatch> LocalRawLog::seal(ReplicaBatch& batch, ReplicaBatch& rest, const KnowsTopic& knows) const {
  Cut cut{knows};
  for (;;) {
    auto more = take_next(batch, cut);
    if (!more) {
      const auto entries = batch.entries();
      for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
        if (entry->takes_queue_offset) entry->queue->next_offset = entry->queue_offset.value();
      }
      return fail(std::move(more).error());
    }
    if (!*more) break;
  }
  rest.start(batch.begin() + static_cast<std::int64_t>(cut.at));
  rest.add(batch.data().subspan(cut.at));
  batch.keep(cut.at);
  cut.result.any = !batch.entries().empty();
  return cut.result;
}

// One more record, with the blank in front of it: a log never ends with a blank. False when none is whole.
Result<bool> LocalRawLog::take_next(ReplicaBatch& batch, Cut& cut) const {
  std::size_t at = cut.at;
  for (;;) {
    const ByteView bytes = batch.data().subspan(at);
    if (bytes.size() < 8) return false;
    const std::int64_t place = batch.begin().value() + static_cast<std::int64_t>(at);
    const std::int64_t left = segment_bytes() - place % segment_bytes();
    const auto size = load_be<std::int32_t>(bytes.data());
    const auto magic = load_be<std::int32_t>(bytes.data() + 4);
    const bool blank = magic == message::kMagicBlank;
    if (!blank && !is_message_magic(magic)) {
      return fail(Errc::kCorrupt, fmt::format("no record begins at offset {}: magic {:#010x}", place,
                                              static_cast<std::uint32_t>(magic)));
    }
    if (size < 8 || size > left || (blank && size != left)) {
      return fail(Errc::kCorrupt,
                  fmt::format("{} of {} bytes at offset {}, {} bytes before the end of a commit log file: the master's "
                              "mappedFileSizeCommitLog is not {}",
                              blank ? "a blank" : "a record", size, place, left, segment_bytes()));
    }
    const auto whole = static_cast<std::size_t>(size);
    if (bytes.size() < whole) return false;
    if (blank) {
      at += whole;
      continue;
    }
    OGIVE_TRY(take_record(batch, cut, at, whole));
    if (cut.result.realign != nullptr || cut.result.unknown) return false;
    cut.at = at + whole;
    return true;
  }
}

Status LocalRawLog::take_record(ReplicaBatch& batch, Cut& cut, std::size_t at, std::size_t size) const {
  auto record = message::decode_record(batch.data().subspan(at, size));
  if (!record) return fail(std::move(record).error());
  const std::int64_t place = batch.begin().value() + static_cast<std::int64_t>(at);
  if (record->physical_offset != place) {
    return fail(Errc::kCorrupt, fmt::format("the record that arrived for offset {} says it belongs at {}", place,
                                            record->physical_offset));
  }
  if (!message::body_crc_matches(*record)) {
    return fail(Errc::kCorrupt, fmt::format("the record at offset {} arrived with a body other than its CRC", place));
  }
  bool enters = takes_queue_entry(*record);
  if (enters) {
    if (cut.queue == nullptr || cut.topic != record->topic || cut.queue->id().value() != record->queue_id) {
      ConsumeQueue* found = parts_.queues.find(record->topic, QueueId(record->queue_id));
      if (found == nullptr) {
        if (cut.knows && !cut.knows(record->topic, PhysicalOffset(place))) {
          cut.result.unknown = true;
          return {};
        }
        found = &parts_.queues.get(record->topic, QueueId(record->queue_id));
      }
      cut.topic = record->topic;
      cut.queue = found;
    }
    ConsumeQueue& queue = *cut.queue;
    const std::int64_t next = queue.next_offset;
    if (record->queue_offset != next) {
      const bool fresh = next == 0 && queue.max_offset().value() == 0 && queue.files().begin == queue.files().end;
      if (fresh) {
        queue.reset(record->queue_offset, 0);
      } else if (record->queue_offset > next || record->queue_offset == 0) {
        cut.result.realign = &queue;
        cut.result.realign_at = QueueOffset(record->queue_offset);
        return {};
      } else {
        enters = false;  // The queue has this place already, as when it is rebuilt from the log.
      }
    }
  }
  auto& entry = batch.note_record(at, size);
  if (enters) {
    entry.queue = cut.queue;
    entry.takes_queue_offset = true;
    entry.queue_offset = QueueOffset(record->queue_offset);
    entry.tags_code = entry_tags_code(*record, delay_level_ms_);
    entry.queue_count = static_cast<std::uint16_t>(offsets_taken(*record, *cut.queue));
    cut.queue->next_offset = record->queue_offset + entry.queue_count;
  }
  batch.store_timestamp_ms = std::max(batch.store_timestamp_ms, record->store_timestamp_ms);
  return {};
}

Status LocalRawLog::realign(ConsumeQueue& queue, QueueOffset at) {
  bool fill = false;
  const Status placed = parts_.persister.exclusively([&]() -> Status {
    const std::int64_t next = queue.max_offset().value();
    const bool gap = at.value() > next && queue.min_offset() != queue.max_offset();
    OGIVE_LOG(warn, "store", "queue {} of topic {} goes on at offset {} instead of {}: {}", queue.id().value(),
              queue.topic(), at.value(), next, gap ? "records in between are not in the log" : "begun anew");
    if (!gap || at.value() - next > kMaxGapEntries) {
      OGIVE_TRY(parts_.queue_files.remove(queue));
      queue.reset(at.value(), end().value());
      return {};
    }
    fill = queue.kind() == QueueKind::kSimple;
    if (!fill) queue.skip_to(queue.lock(), at.value());
    queue.next_offset = at.value();
    return {};
  });
  if (!placed) return placed;
  while (fill) {
    // With readFlushedOnly the fillers come into sight with the record behind them.
    if (fill_gap_piece(queue, at.value(), !parts_.read_flushed_only)) parts_.persister.add(queue);
    fill = queue.pushed(queue.lock()).offset < at.value();
    if (fill) OGIVE_TRY(parts_.persister.write_now());
  }
  return {};
}

}  // namespace ogive::store
