#include "store/recovery/damaged_range.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
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

Status copy_range(io::FileSystem& files, const SegmentList& segments, const DamagedRange& range,
                  const std::string& path) {
  auto file = files.open(path, io::OpenMode::kCreate);
  if (!file) return fail(std::move(file).error());
  OGIVE_TRY((*file)->truncate(0));  // Left over from a crash.
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
  return (*file)->sync_data();
}

Result<bool> same_content(io::FileSystem& files, const std::string& one, const std::string& other) {
  auto first = files.open(one, io::OpenMode::kRead);
  if (!first) return fail(std::move(first).error());
  auto second = files.open(other, io::OpenMode::kRead);
  if (!second) return fail(std::move(second).error());
  std::vector<std::byte> left(static_cast<std::size_t>(kPieceBytes)), right(left.size());
  for (std::uint64_t at = 0;; at += left.size()) {
    auto got = (*first)->read_at(at, left);
    if (!got) return fail(std::move(got).error());
    auto also = (*second)->read_at(at, right);
    if (!also) return fail(std::move(also).error());
    if (*got != *also || std::memcmp(left.data(), right.data(), *got) != 0) return false;
    if (*got < left.size()) return true;
  }
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

Result<std::string> keep_aside(io::FileSystem& files, const SegmentList& segments, const DamagedRange& range,
                               const std::string& directory) {
  OGIVE_TRY(create_directories_durably(files, directory));
  // Under its name when it is whole: a crash before that leaves nothing that would be taken for another copy.
  const std::string fresh = directory + "/kept.tmp";
  OGIVE_TRY(copy_range(files, segments, range, fresh));
  for (int number = 0; number < kMaxKept; ++number) {
    std::string path = directory + "/" + segment_name(range.begin);
    if (number > 0) path += fmt::format(".{}", number);
    auto there = files.info(path);
    if (!there && there.error().code() != Errc::kNotFound) return fail(std::move(there).error());
    if (!there) {
      OGIVE_TRY(files.rename(fresh, path));
      OGIVE_TRY(files.sync_directory(directory));
      return path;
    }
    auto same = same_content(files, path, fresh);
    if (!same) return fail(std::move(same).error());
    if (*same) {
      OGIVE_TRY(files.remove(fresh));
      return path;
    }
  }
  static_cast<void>(files.remove(fresh));
  return fail(Errc::kLimit,
              fmt::format("{} has {} files from that offset already: remove those that are of no more use", directory,
                          kMaxKept));
}

std::int64_t parse_kept_name(std::string_view name) {
  const std::size_t dot = std::min(name.find('.'), name.size());
  const std::string_view number = name.substr(dot);
  const bool numbered =
      number.size() > 1 && std::ranges::all_of(number.substr(1), [](char c) { return c >= '0' && c <= '9'; });
  return number.empty() || numbered ? parse_segment_name(name.substr(0, dot)) : -1;
}

Result<std::string> seal_damage(io::FileSystem& files, const SegmentList& segments, const DamagedRange& range,
                                const std::string& directory) {
  bool fits = true;
  OGIVE_TRY(visit_parts(segments, range, [&](const Segment& segment, std::int64_t begin, std::int64_t end) {
    const auto least = end == segment.end ? static_cast<std::int64_t>(message::kBlankRecordBytes) : smallest_filler();
    fits = fits && end - begin >= least;
    return Status();
  }));
  if (!fits) return std::string();
  auto aside = keep_aside(files, segments, range, directory);
  if (!aside) return aside;
  OGIVE_TRY(visit_parts(segments, range, [&](const Segment& segment, std::int64_t begin, std::int64_t end) {
    return write_fillers(segment, begin, end, range.store_timestamp_ms);
  }));
  return aside;
}

}  // namespace ogive::store
