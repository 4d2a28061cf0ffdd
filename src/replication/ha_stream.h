#pragma once
// The bytes brokers exchange on the replication port (listenPort + 1): docs/protocol/ha.md. Pure.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/error.h"

namespace ogive::replication {

/// Slave → master: the physical offset up to which the slave has the log, big-endian. The first one of a connection is
/// also the offset from which the slave wants the log.
inline constexpr std::size_t kReportBytes = 8;
/// Master → slave, before each piece of the log: physical offset (8) and size of the piece (4). Size 0 is a heartbeat.
inline constexpr std::size_t kPieceHeaderBytes = 12;
/// What a peer of the original can take in one piece: it keeps the header and the whole body in a buffer of 4 MiB.
inline constexpr std::size_t kMaxPieceBytes = (4u << 20) - kPieceHeaderBytes;
/// A larger piece is no piece: what speaks is no master.
inline constexpr std::size_t kMaxAcceptedPieceBytes = 64u << 20;

/// Report 0: a slave without a log. The original's masters answer it with their last segment only.
inline constexpr std::int64_t kReportEmpty = 0;
/// Report of a slave without a log that wants all of it: every master sends from this very offset, and the one byte in
/// front is known, because records are smaller than 16 MiB and begin with their size.
inline constexpr std::int64_t kReportWholeLog = 1;

std::array<std::byte, kReportBytes> encode_report(std::int64_t offset);

/// Head of a piece of the log, or of a heartbeat (size 0).
struct PieceHeader {
  std::int64_t offset = 0;
  std::int32_t size = 0;
};
std::array<std::byte, kPieceHeaderBytes> encode_piece_header(const PieceHeader& header);
/// The header at the front of `bytes` (at least kPieceHeaderBytes); kCorrupt for what no master sends.
Result<PieceHeader> decode_piece_header(ByteView bytes);

/// Reports as they come from a slave. Only the newest counts; a partial one stays for the next call.
struct ReportScan {
  std::size_t consumed = 0;            ///< Whole reports at the front.
  std::optional<std::int64_t> first;   ///< Of those, the oldest.
  std::optional<std::int64_t> newest;  ///< Of those, the newest.
};
ReportScan scan_reports(ByteView bytes);

/// Cuts a master's bytes, in whatever pieces they arrive, into what the slave must do with them.
class PieceDecoder {
 public:
  struct Event {
    enum class Kind : std::uint8_t {
      kNeedMore,   ///< Give what was not consumed again with what follows.
      kHeartbeat,  ///< Nothing to append; the master stands at `offset`.
      kBytes,      ///< `bytes` belong at `offset` of the log; a piece may come in several of these.
    };
    Kind kind = Kind::kNeedMore;
    std::int64_t offset = 0;
    ByteView bytes;
    std::size_t consumed = 0;  ///< Of the input.
  };
  /// The next event at the front of `bytes`.
  Result<Event> next(ByteView bytes);
  /// Where the piece being received goes on, or the last one ended.
  std::int64_t position() const { return position_; }
  bool inside_piece() const { return left_ > 0; }

 private:
  std::int64_t position_ = 0;
  std::size_t left_ = 0;  ///< Bytes of the current piece still to come.
};

}  // namespace ogive::replication
