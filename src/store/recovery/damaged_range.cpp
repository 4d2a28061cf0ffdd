#include "store/recovery/damaged_range.h"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "base/bytes.h"
#include "message/record.h"
#include "message/sys_flag.h"

namespace ogive::store {
namespace {

constexpr std::int64_t kPieceBytes = 1 << 20;

message::RecordFields filler(ByteView body, std::string_view topic) {
  message::RecordFields fields;
  fields.sys_flag = message::kTransactionPrepared;
  fields.body = body;
  fields.topic = topic;
  return fields;
}

std::int64_t smallest_filler() {
  return static_cast<std::int64_t>(message::encoded_size(filler({}, kDamagedTopic.substr(0, 1))));
}

std::vector<std::byte> encode_filler(std::int64_t offset, std::int64_t size, std::int64_t store_timestamp_ms) {
  const auto spare = static_cast<std::size_t>(size - smallest_filler());
  const std::string_view topic = kDamagedTopic.substr(0, 1 + std::min(spare, kDamagedTopic.size() - 1));
  const std::vector<std::byte> body(spare + 1 - topic.size());
  std::vector<std::byte> record(static_cast<std::size_t>(size));
  message::encode_record(filler(body, topic), record.data());
  store_be(record.data() + message::kPhysicalOffsetPosition, offset);
  store_be(record.data() + message::store_timestamp_position(message::kTransactionPrepared), store_timestamp_ms);
  return record;
}

/// Visits the parts of a range that lie in one segment each.
Status visit_parts(const SegmentList& segments, const DamagedRange& range,
                   const std::function<Status(const Segment&, std::int64_t begin, std::int64_t end)>& visit) {
  for (std::int64_t at = range.begin; at < range.end;) {
    const auto segment = segments.find(at);
    if (segment == nullptr) return fail(Errc::kCorrupt, fmt::format("the commit log has no file for offset {}", at));
    const std::int64_t end = std::min(range.end, segment->end);
    OGIVE_TRY(visit(*segment, at, end));
    at = end;
  }
  return {};
}

Status write_fillers(const Segment& segment, std::int64_t at, std::int64_t end, std::int64_t store_timestamp_ms) {
  const auto write = [&](ByteView bytes) {
    return segment.file->write_at(static_cast<std::uint64_t>(at - segment.begin), bytes);
  };
  if (end == segment.end) {
    std::byte blank[message::kBlankRecordBytes];
    store_be(blank, static_cast<std::int32_t>(end - at));
    store_be(blank + 4, message::kMagicBlank);
    OGIVE_TRY(write(blank));
  } else {
    while (at < end) {
      // What is left behind a piece must have room for another.
      const std::int64_t size = end - at < 2 * kPieceBytes ? end - at : kPieceBytes;
      OGIVE_TRY(write(encode_filler(at, size, store_timestamp_ms)));
      at += size;
    }
  }
  return segment.file->sync_data();
}

}  // namespace

Result<std::optional<std::int64_t>> find_continuation(const SegmentList& segments, bool verify_property_crc,
                                                      const ScanEnd& stopped, std::int64_t flushed_ms) {
  const auto segment = segments.find(stopped.offset);
  if (segment == nullptr) return std::nullopt;
  LogScanner scanner(segments, verify_property_crc);
  std::optional<std::int64_t> next;
  for (std::int64_t from = stopped.at_zeros ? segment->end : stopped.offset + 1;;) {
    auto found = scanner.find_record(from, segments.end());
    if (!found) return fail(std::move(found).error());
    if (*found >= segments.end()) return std::nullopt;
    if (!next) next = *found;
    bool lasting = false;
    auto end = scanner.scan(*found, [&](const message::RecordView& record) -> Status {
      // A record from before the log was cut once is older than what was appended since.
      if (record.store_timestamp_ms < stopped.store_timestamp_ms) return {};
      lasting =
          record.store_timestamp_ms <= flushed_ms ||
          (stopped.store_timestamp_ms > 0 && record.store_timestamp_ms - stopped.store_timestamp_ms > kUnflushedMs);
      return lasting ? fail(Errc::kCancelled, "it goes on") : Status();
    });
    if (lasting) return next;
    if (!end) return fail(std::move(end).error());
    from = end->offset + 1;
  }
}

Status keep_aside(io::FileSystem& files, const SegmentList& segments, const DamagedRange& range,
                  const std::string& aside) {
  const std::string directory = aside.substr(0, aside.rfind('/'));
  OGIVE_TRY(create_directories_durably(files, directory));
  auto file = files.open(aside, io::OpenMode::kCreate);
  if (!file) return fail(std::move(file).error());
  std::vector<std::byte> buffer(static_cast<std::size_t>(std::min(kPieceBytes, range.end - range.begin)));
  const auto copy = [&](const Segment& segment, std::int64_t at, std::int64_t end) -> Status {
    while (at < end) {
      const auto wanted = static_cast<std::size_t>(std::min<std::int64_t>(end - at, std::ssize(buffer)));
      auto got = segment.file->read_at(static_cast<std::uint64_t>(at - segment.begin), {buffer.data(), wanted});
      if (!got) return fail(std::move(got).error());
      if (*got == 0) return {};
      OGIVE_TRY((*file)->write_at(static_cast<std::uint64_t>(at - range.begin), ByteView(buffer).first(*got)));
      at += static_cast<std::int64_t>(*got);
    }
    return {};
  };
  OGIVE_TRY(visit_parts(segments, range, copy));
  OGIVE_TRY((*file)->sync_data());
  return files.sync_directory(directory);
}

Result<bool> seal_damage(io::FileSystem& files, const SegmentList& segments, const DamagedRange& range,
                         const std::string& aside) {
  bool fits = true;
  OGIVE_TRY(visit_parts(segments, range, [&](const Segment& segment, std::int64_t begin, std::int64_t end) {
    const auto least = end == segment.end ? static_cast<std::int64_t>(message::kBlankRecordBytes) : smallest_filler();
    fits = fits && end - begin >= least;
    return Status();
  }));
  if (!fits) return false;
  OGIVE_TRY(keep_aside(files, segments, range, aside));
  OGIVE_TRY(visit_parts(segments, range, [&](const Segment& segment, std::int64_t begin, std::int64_t end) {
    return write_fillers(segment, begin, end, range.store_timestamp_ms);
  }));
  return true;
}

}  // namespace ogive::store
