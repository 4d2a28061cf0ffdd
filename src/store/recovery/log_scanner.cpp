#include "store/recovery/log_scanner.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>

#include "message/record_tail.h"

namespace ogive::store {
namespace {
constexpr std::size_t kReadBytes = 4 << 20;

/// The first place in [from, count) that has a record's magic where a record would have it; `count` without one. There
/// are at least 8 bytes behind each place.
std::size_t next_magic(ByteView bytes, std::size_t from, std::size_t count) {
  constexpr std::size_t kMagicPosition = 4;
  constexpr auto kFirstByte = static_cast<int>(static_cast<std::uint32_t>(message::kMagicV1) >> 24);
  static_assert(kFirstByte == static_cast<int>(static_cast<std::uint32_t>(message::kMagicV2) >> 24));
  while (from < count) {
    const std::byte* begin = bytes.data() + from + kMagicPosition;
    const void* found = std::memchr(begin, kFirstByte, count - from);
    if (found == nullptr) return count;
    from += static_cast<std::size_t>(static_cast<const std::byte*>(found) - begin);
    const auto magic = load_be<std::int32_t>(bytes.data() + from + kMagicPosition);
    if (magic == message::kMagicV1 || magic == message::kMagicV2) return from;
    ++from;
  }
  return count;
}
}  // namespace

Result<ScanEnd> LogScanner::scan(std::int64_t offset, const Visitor& visit) {
  ScanEnd end;
  end.offset = offset;
  buffer_size_ = 0;
  for (;;) {
    auto next = step(end, visit);
    if (!next) return fail(std::move(next).error());
    if (*next == Step::kEnd) return end;
  }
}

// Whole stores may be searched here, most of them holes or zeros behind a log's end: holes are not read at all, and the
// rest is passed over at the speed of memchr.
Result<std::int64_t> LogScanner::find_record(std::int64_t offset, std::int64_t limit) {
  constexpr std::size_t kStep = 64 << 10;
  constexpr std::size_t kLook = message::kSysFlagPosition;
  // The size comes first and is not zero: that much of a record can lie in a hole.
  constexpr std::int64_t kHiddenBytes = 3;
  LogScanner probe(segments_, verify_property_crc_);
  buffer_size_ = 0;
  while (offset < limit) {
    const auto segment = segments_.find(offset);
    if (segment == nullptr) return limit;
    auto data = segment->file->next_data(static_cast<std::uint64_t>(offset - segment->begin));
    if (!data) return fail(std::move(data).error());
    if (*data >= static_cast<std::uint64_t>(segment->end - segment->begin)) {
      offset = segment->end;
      continue;
    }
    offset = std::max(offset, segment->begin + static_cast<std::int64_t>(*data) - kHiddenBytes);
    auto bytes =
        window(*segment, offset, std::min<std::size_t>(kStep, static_cast<std::size_t>(segment->end - offset)));
    if (!bytes) return fail(std::move(bytes).error());
    if (bytes->size() < kLook) {
      offset = segment->end;
      continue;
    }
    const std::size_t count = bytes->size() - kLook + 1;
    for (std::size_t i = 0; (i = next_magic(*bytes, i, count)) < count; ++i) {
      const std::int64_t at = offset + static_cast<std::int64_t>(i);
      if (at >= limit) return limit;
      if (load_be<std::int64_t>(bytes->data() + i + message::kPhysicalOffsetPosition) != at) continue;
      ScanEnd end;
      end.offset = at;
      auto next = probe.step(end, [](const message::RecordView&) { return Status(); });
      if (!next) return fail(std::move(next).error());
      if (*next == Step::kRecord) return at;
    }
    offset += static_cast<std::int64_t>(count);
    if (segment->end - offset < static_cast<std::int64_t>(kLook)) offset = segment->end;
  }
  return limit;
}

Result<LogScanner::Step> LogScanner::step(ScanEnd& end, const Visitor& visit) {
  const auto segment = segments_.find(end.offset);
  if (segment == nullptr) return Step::kEnd;
  const auto bad = [&](std::string reason) {
    end.at_zeros = false;
    end.reason = std::move(reason);
    return Step::kEnd;
  };
  auto head = window(*segment, end.offset, message::kBlankRecordBytes);
  if (!head) return fail(std::move(head).error());
  if (head->size() < message::kBlankRecordBytes) return bad("the file ends within a record");
  const auto size = load_be<std::int32_t>(head->data());
  const auto magic = load_be<std::int32_t>(head->data() + 4);
  if (size == 0 && magic == 0) return Step::kEnd;
  const std::int64_t left = segment->end - end.offset;
  if (magic == message::kMagicBlank) {
    if (size != left) return bad(fmt::format("a blank record of {} bytes where {} are left", size, left));
    // Without a next file the log goes on behind this one.
    end.offset = segment->end;
    return Step::kNextSegment;
  }
  if (magic != message::kMagicV1 && magic != message::kMagicV2) {
    return bad(fmt::format("magic {:#010x} is none of a record", static_cast<std::uint32_t>(magic)));
  }
  if (size < 0 || size + static_cast<std::int64_t>(message::kBlankRecordBytes) > left) {
    return bad(fmt::format("a record of {} bytes where {} are left", size, left));
  }
  auto bytes = window(*segment, end.offset, static_cast<std::size_t>(size));
  if (!bytes) return fail(std::move(bytes).error());
  auto record = message::decode_record(*bytes);
  if (!record) return bad(record.error().message());
  if (record->physical_offset != end.offset) {
    return bad(fmt::format("the record there says it belongs at {}", record->physical_offset));
  }
  if (!message::body_crc_matches(*record)) return bad("the body differs from its CRC");
  // The CRC does not cover what follows the body. A write torn there leaves the zeros that were written ahead.
  if (!record->properties.empty() && record->properties.back() == '\0') return bad("its properties end in zeros");
  if (verify_property_crc_ && message::check_property_crc(*record) == message::PropertyCrc::kDiffers) {
    return bad("the record differs from its property CRC");
  }
  OGIVE_TRY(visit(*record));
  end.last_record = end.offset;
  end.store_timestamp_ms = record->store_timestamp_ms;
  ++end.records;
  end.offset += size;
  return Step::kRecord;
}

Result<ByteView> LogScanner::window(const Segment& segment, std::int64_t offset, std::size_t count) {
  const auto buffered_end = buffer_begin_ + static_cast<std::int64_t>(buffer_size_);
  if (offset < buffer_begin_ || offset + static_cast<std::int64_t>(count) > buffered_end) {
    const auto left = static_cast<std::size_t>(segment.end - offset);
    const std::size_t wanted = std::min(left, std::max(count, kReadBytes));
    if (buffer_.size() < wanted) buffer_.resize(wanted);
    auto got = segment.file->read_at(static_cast<std::uint64_t>(offset - segment.begin), {buffer_.data(), wanted});
    if (!got) return fail(std::move(got).error());
    buffer_begin_ = offset;
    buffer_size_ = *got;
  }
  const auto at = static_cast<std::size_t>(offset - buffer_begin_);
  return ByteView(buffer_).subspan(at, std::min(count, buffer_size_ - at));
}

}  // namespace ogive::store
