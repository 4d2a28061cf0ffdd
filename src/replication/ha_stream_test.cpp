// The replication stream against recordings of a real master and a real slave.

#include "replication/ha_stream.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "testing/source_dir.h"

namespace ogive::replication {
namespace {

std::vector<std::byte> golden(const std::string& name) {
  std::ifstream file(source_dir() + "/tests/golden/ha/" + name, std::ios::binary);
  const std::vector<char> chars{std::istreambuf_iterator<char>(file), {}};
  std::vector<std::byte> bytes(chars.size());
  std::memcpy(bytes.data(), chars.data(), chars.size());
  return bytes;
}

struct Decoded {
  std::vector<std::byte> log;  ///< Bodies, one behind another.
  std::vector<std::int64_t> heartbeats;
  std::int64_t begin = -1;
};

Decoded decode(ByteView stream, std::size_t step) {
  Decoded decoded;
  PieceDecoder decoder;
  std::size_t consumed = 0;
  std::int64_t next = -1;
  for (std::size_t arrived = 0; arrived < stream.size();) {
    arrived = std::min(stream.size(), arrived + step);
    for (;;) {
      auto event = decoder.next(stream.subspan(consumed, arrived - consumed));
      EXPECT_TRUE(event.has_value());
      consumed += event->consumed;
      if (event->kind == PieceDecoder::Event::Kind::kNeedMore) break;
      if (event->kind == PieceDecoder::Event::Kind::kHeartbeat) {
        decoded.heartbeats.push_back(event->offset);
        continue;
      }
      if (next < 0) decoded.begin = next = event->offset;
      EXPECT_EQ(event->offset, next);
      next += static_cast<std::int64_t>(event->bytes.size());
      decoded.log.insert(decoded.log.end(), event->bytes.begin(), event->bytes.end());
    }
  }
  EXPECT_EQ(consumed, stream.size());
  return decoded;
}

TEST(HaStream, ReadsARecordedMasterInAnyPieces) {
  const auto stream = golden("conn2.master-to-slave.bin");
  ASSERT_FALSE(stream.empty());
  const Decoded whole = decode(stream, stream.size());
  EXPECT_EQ(whole.begin, 0x1f6678);
  EXPECT_EQ(whole.begin + static_cast<std::int64_t>(whole.log.size()), 0x1f9d59);
  ASSERT_FALSE(whole.heartbeats.empty());
  EXPECT_EQ(whole.heartbeats.back(), 0x1f9d59);
  for (const std::size_t step : {1, 7, 12, 13, 1000}) {
    const Decoded pieces = decode(stream, step);
    EXPECT_EQ(pieces.log, whole.log) << step;
    EXPECT_EQ(pieces.heartbeats, whole.heartbeats) << step;
  }
}

TEST(HaStream, WritesWhatARecordedMasterWrote) {
  const auto stream = golden("conn2.master-to-slave.bin");
  std::vector<std::byte> written;
  for (std::size_t at = 0; at < stream.size();) {
    const auto header = decode_piece_header(ByteView(stream).subspan(at));
    ASSERT_TRUE(header.has_value());
    const auto bytes = encode_piece_header(*header);
    written.insert(written.end(), bytes.begin(), bytes.end());
    at += kPieceHeaderBytes;
    written.insert(written.end(), stream.begin() + static_cast<std::ptrdiff_t>(at),
                   stream.begin() + static_cast<std::ptrdiff_t>(at) + header->size);
    at += static_cast<std::size_t>(header->size);
  }
  EXPECT_EQ(written, stream);
}

TEST(HaStream, ReadsRecordedReports) {
  auto reports = golden("conn2.slave-to-master.bin");
  ASSERT_EQ(reports.size(), 40U);
  const ReportScan scan = scan_reports(reports);
  EXPECT_EQ(scan.consumed, 40U);
  EXPECT_EQ(scan.first, 0x1f6678);
  EXPECT_EQ(scan.newest, 0x1f9d59);
  // A report that is not whole yet stays.
  EXPECT_EQ(scan_reports(ByteView(reports).first(7)).consumed, 0U);
  EXPECT_EQ(scan_reports(ByteView(reports).first(15)).consumed, 8U);
  const auto fresh = golden("conn1.slave-to-master.bin");
  EXPECT_EQ(scan_reports(fresh).first, kReportEmpty);
  const auto encoded = encode_report(0x1f6678);
  EXPECT_TRUE(std::ranges::equal(encoded, ByteView(reports).first(kReportBytes)));
}

TEST(HaStream, RefusesWhatNoMasterSends) {
  PieceDecoder decoder;
  const std::string_view http = "HTTP/1.1 400 Bad Request";
  EXPECT_FALSE(decoder.next(as_bytes(http)).has_value());
  for (const PieceHeader header : {PieceHeader{-1, 0}, PieceHeader{0, -1}, PieceHeader{0, INT32_MAX}}) {
    EXPECT_FALSE(PieceDecoder().next(encode_piece_header(header)).has_value()) << header.offset << " " << header.size;
  }
}

}  // namespace
}  // namespace ogive::replication
