#include "store/log/log_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <memory>

#include "message/record.h"
#include "message/record_tail.h"
#include "store/queue_rule.h"

namespace ogive::store {
namespace {

// Bytes worth reading through rather than reading twice.
constexpr std::int64_t kMaxGap = 8192;
constexpr std::int64_t kMaxGroupBytes = 4 << 20;
// What a reactor reads through at most for one consumer, 0.1 ms of its time.
constexpr std::int64_t kMaxBytesAtOnce = 512 << 10;
// Larger than any record a log can hold whose entry is not garbage (maxMessageSize ends at 16 MiB; batches add to it).
constexpr std::int64_t kMaxRecordBytes = 64 << 20;

// Records merged into one range at a time, without allocating.
constexpr std::size_t kRangesAtOnce = 64;

bool is_message_magic(std::int32_t magic) {
  return magic == message::kMagicV1 || magic == message::kMagicV2;
}

bool begins_record(const std::byte* at, const QueueEntry& entry) {
  return load_be<std::int32_t>(at) == entry.size && is_message_magic(load_be<std::int32_t>(at + 4)) &&
         load_be<std::int64_t>(at + message::kPhysicalOffsetPosition) == entry.physical_offset;
}

}  // namespace

bool LogReader::share(std::span<const PlacedEntry> entries, io::OutBuffer& out) const {
  // The first is the oldest: when it is in memory, all are, unless the cache moves on in between.
  if (entries.empty()) return true;
  if (entries.front().physical_offset < cache_.begin()) return false;
  std::array<LogRange, kRangesAtOnce> ranges;
  std::size_t count = 0;
  for (const PlacedEntry& entry : entries) {
    const std::int64_t end = entry.physical_offset + entry.size;
    if (count > 0 && ranges[count - 1].end == entry.physical_offset) {
      ranges[count - 1].end = end;
      continue;
    }
    if (count == ranges.size()) {
      if (!cache_.share(ranges, out)) return out.clear(), false;
      count = 0;
    }
    ranges[count++] = {entry.physical_offset, end};
  }
  if (!cache_.share({ranges.data(), count}, out)) return out.clear(), false;
  return true;
}

Result<std::size_t> LogReader::read(const ConsumeQueue& queue, std::span<const PlacedEntry> entries, io::OutBuffer& out,
                                    bool wait) const {
  std::size_t first = 0;
  std::size_t good = 0;
  std::int64_t read_through = 0;
  while (first < entries.size()) {
    std::size_t last = first + 1;
    const std::int64_t begin = entries[first].physical_offset;
    while (last < entries.size() && in_log(entries[last - 1]) && in_log(entries[last])) {
      const std::int64_t previous_end = entries[last - 1].physical_offset + entries[last - 1].size;
      const std::int64_t next = entries[last].physical_offset;
      if (next < previous_end || next - previous_end > kMaxGap) break;
      if (next + entries[last].size - begin > kMaxGroupBytes) break;
      if (segments_.begin_of(next) != segments_.begin_of(begin)) break;
      ++last;
    }
    read_through += entries[last - 1].physical_offset + entries[last - 1].size - begin;
    if (!wait && read_through > kMaxBytesAtOnce) return fail(Errc::kWouldBlock, {});
    if (Status status = read_group(queue, entries.subspan(first, last - first), wait, good, out); !status) {
      // The next read begins at the bad one and says so.
      if (good > 0 && status.error().code() != Errc::kWouldBlock) return good;
      return fail(std::move(status).error());
    }
    first = last;
  }
  return good;
}

bool LogReader::intact(const message::RecordView& record) const {
  return message::body_crc_matches(record) &&
         !(verify_property_crc_ && message::check_property_crc(record) == message::PropertyCrc::kDiffers);
}

// What a damaged queue file says may lie anywhere.
bool LogReader::in_log(const QueueEntry& entry) const {
  return entry.physical_offset >= 0 && entry.physical_offset < segments_.end();
}

Status LogReader::check(const ConsumeQueue& queue, const PlacedEntry& entry, ByteView bytes) const {
  const auto bad = [&](std::string_view what) {
    return fail(Errc::kCorrupt,
                fmt::format("offset {} of queue {} of topic {} points to {} bytes at {} of the commit log "
                            "in {}, where {}: stop the broker and run `ogive store check`",
                            entry.queue_offset, queue.id().value(), queue.topic(), entry.size, entry.physical_offset,
                            segments_.directory(), what));
  };
  if (bytes.size() < message::kBornHostPosition || !begins_record(bytes.data(), entry)) {
    return bad("no such record begins");
  }
  auto record = message::decode_record(bytes);
  if (!record) return bad(record.error().message());
  if (record->queue_offset != entry.queue_offset || record->queue_id != queue.id().value() ||
      record->topic != queue.topic()) {
    return bad(fmt::format("the record of offset {} of queue {} of topic {} is", record->queue_offset, record->queue_id,
                           record->topic));
  }
  if (offsets_taken(*record, queue) != entry.count) {
    return bad(fmt::format("the record has {} messages, not {}", offsets_taken(*record, queue), entry.count));
  }
  if (!intact(*record)) return bad("the record differs from its CRC");
  return {};
}

Status LogReader::read_group(const ConsumeQueue& queue, std::span<const PlacedEntry> group, bool wait,
                             std::size_t& good, io::OutBuffer& out) const {
  if (!in_log(group.front())) return check(queue, group.front(), {});
  const std::int64_t begin = group.front().physical_offset;
  const std::int64_t end = group.back().physical_offset + group.back().size;
  const auto bytes = static_cast<std::size_t>(end - begin);
  if (group.front().size < static_cast<std::int32_t>(message::kBornHostPosition) || end - begin > kMaxRecordBytes) {
    return fail(Errc::kCorrupt,
                fmt::format("the consume queue entry {} of queue {} of topic {} names a record of {} "
                            "bytes: stop the broker and run `ogive store check`",
                            group.front().queue_offset, queue.id().value(), queue.topic(), group.front().size));
  }
  // Shared with the reply until it has been sent.
  auto memory = std::make_shared_for_overwrite<std::byte[]>(bytes);
  if (wait) {
    OGIVE_TRY(copy(begin, {memory.get(), bytes}));
  } else if (!copy_at_once(begin, {memory.get(), bytes})) {
    return fail(Errc::kWouldBlock, {});
  }
  for (std::size_t i = 0; i < group.size();) {
    const std::byte* const at = memory.get() + (group[i].physical_offset - begin);
    std::size_t size = 0;
    Status status;
    for (; i < group.size() && memory.get() + (group[i].physical_offset - begin) == at + size; ++i) {
      status = check(queue, group[i], ByteView(at + size, static_cast<std::size_t>(group[i].size)));
      if (!status) break;
      size += static_cast<std::size_t>(group[i].size);
      ++good;
    }
    if (size > 0) out.append_shared(memory, ByteView(at, size));
    if (!status) return status;
  }
  return {};
}

Status LogReader::copy(std::int64_t offset, std::span<std::byte> out) const {
  const auto segment = segments_.find(offset);
  if (segment == nullptr || offset + static_cast<std::int64_t>(out.size()) > segment->end) {
    return fail(Errc::kNotFound,
                fmt::format("the commit log in {} (offsets {} to {}) has no {} bytes at {}", segments_.directory(),
                            segments_.begin(), segments_.end(), out.size(), offset));
  }
  auto count = segment->file->read_at(static_cast<std::uint64_t>(offset - segment->begin), out);
  if (!count) return fail(std::move(count).error());
  if (*count != out.size()) {
    return fail(Errc::kCorrupt,
                fmt::format("the commit log file {}/{} ends {} bytes short at offset {}", segments_.directory(),
                            segment_name(segment->begin), out.size() - *count, offset));
  }
  return {};
}

bool LogReader::copy_at_once(std::int64_t offset, std::span<std::byte> out) const {
  const auto segment = segments_.find(offset);
  return segment != nullptr && offset + static_cast<std::int64_t>(out.size()) <= segment->end &&
         segment->file->read_at_once(static_cast<std::uint64_t>(offset - segment->begin), out) == out.size();
}

Result<std::vector<std::byte>> LogReader::record(std::int64_t offset, std::int64_t end) const {
  const auto nothing = [&] {
    return fail(Errc::kNotFound, fmt::format("no record begins at offset {} of the commit log in {} (offsets {} to {})",
                                             offset, segments_.directory(), segments_.begin(), end));
  };
  std::array<std::byte, message::kSysFlagPosition> head;
  const std::int64_t segment_end = segments_.begin_of(offset) + segments_.segment_bytes();
  if (offset < segments_.begin() || offset + static_cast<std::int64_t>(head.size()) > std::min(end, segment_end)) {
    return nothing();
  }
  if (!cache_.copy(offset, head)) OGIVE_TRY(copy(offset, head));
  const QueueEntry entry{offset, load_be<std::int32_t>(head.data()), 0};
  if (!begins_record(head.data(), entry) || entry.size < static_cast<std::int32_t>(head.size()) ||
      offset + entry.size > std::min(end, segment_end)) {
    return nothing();
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(entry.size));
  if (!cache_.copy(offset, bytes)) OGIVE_TRY(copy(offset, bytes));
  const auto view = message::decode_record(bytes);
  if (!view) return nothing();
  if (!intact(*view)) {
    return fail(Errc::kCorrupt,
                fmt::format("the record at offset {} of the commit log in {} is damaged: it differs from "
                            "its CRC; `ogive store check` on the stopped broker's store tells more",
                            offset, segments_.directory()));
  }
  return bytes;
}

Result<std::int64_t> LogReader::store_time(std::int64_t offset) const {
  // Up to the store timestamp behind a v6 born host.
  std::array<std::byte, message::kBornHostPosition + 20 + 8> head{};
  const std::int64_t rest = segments_.begin_of(offset) + segments_.segment_bytes() - offset;
  const std::span<std::byte> wanted(head.data(), std::min<std::size_t>(head.size(), static_cast<std::size_t>(rest)));
  const QueueEntry entry{offset, 0, 0};
  if (!cache_.copy(offset, wanted)) OGIVE_TRY(copy(offset, wanted));
  const auto sys_flag = load_be<std::int32_t>(head.data() + message::kSysFlagPosition);
  const std::size_t position = message::store_timestamp_position(sys_flag);
  if (position + 8 > wanted.size() || !is_message_magic(load_be<std::int32_t>(head.data() + 4)) ||
      load_be<std::int64_t>(head.data() + message::kPhysicalOffsetPosition) != entry.physical_offset) {
    return fail(Errc::kNotFound,
                fmt::format("no record begins at offset {} of the commit log in {}", offset, segments_.directory()));
  }
  return load_be<std::int64_t>(head.data() + position);
}

}  // namespace ogive::store
