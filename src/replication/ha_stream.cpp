#include "replication/ha_stream.h"

#include <fmt/core.h>

#include <algorithm>

namespace ogive::replication {

std::array<std::byte, kReportBytes> encode_report(std::int64_t offset) {
  std::array<std::byte, kReportBytes> bytes;
  store_be(bytes.data(), offset);
  return bytes;
}

std::array<std::byte, kPieceHeaderBytes> encode_piece_header(const PieceHeader& header) {
  std::array<std::byte, kPieceHeaderBytes> bytes;
  store_be(bytes.data(), header.offset);
  store_be(bytes.data() + 8, header.size);
  return bytes;
}

Result<PieceHeader> decode_piece_header(ByteView bytes) {
  const PieceHeader header{load_be<std::int64_t>(bytes.data()), load_be<std::int32_t>(bytes.data() + 8)};
  if (header.offset < 0 || header.size < 0 || static_cast<std::size_t>(header.size) > kMaxAcceptedPieceBytes) {
    return fail(Errc::kCorrupt,
                fmt::format("a piece of {} bytes at offset {} is none a master sends", header.size, header.offset));
  }
  return header;
}

ReportScan scan_reports(ByteView bytes) {
  ReportScan scan;
  scan.consumed = bytes.size() / kReportBytes * kReportBytes;
  if (scan.consumed == 0) return scan;
  scan.first = load_be<std::int64_t>(bytes.data());
  scan.newest = load_be<std::int64_t>(bytes.data() + scan.consumed - kReportBytes);
  return scan;
}

Result<PieceDecoder::Event> PieceDecoder::next(ByteView bytes) {
  Event event;
  if (left_ == 0) {
    if (bytes.size() < kPieceHeaderBytes) return event;
    auto header = decode_piece_header(bytes);
    if (!header) return fail(std::move(header).error());
    position_ = header->offset;
    left_ = static_cast<std::size_t>(header->size);
    event.consumed = kPieceHeaderBytes;
    event.offset = position_;
    if (left_ == 0) {
      event.kind = Event::Kind::kHeartbeat;
      return event;
    }
    bytes = bytes.subspan(kPieceHeaderBytes);
  }
  event.offset = position_;
  if (bytes.empty()) return event;
  event.kind = Event::Kind::kBytes;
  event.bytes = bytes.first(std::min(bytes.size(), left_));
  event.consumed += event.bytes.size();
  position_ += static_cast<std::int64_t>(event.bytes.size());
  left_ -= event.bytes.size();
  return event;
}

}  // namespace ogive::replication
