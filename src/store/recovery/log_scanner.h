#pragma once
// Reads the log record by record and finds where it ends.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "message/record.h"
#include "store/log/segment.h"

namespace ogive::store {

/// Where a scan stopped, and why.
struct ScanEnd {
  std::int64_t offset = 0;  ///< Behind the last good record: the log's end.
  std::int64_t records = 0;
  std::int64_t last_record = -1;  ///< Begin of the last good record; -1 without one.
  std::int64_t store_timestamp_ms = 0;
  bool at_zeros = true;  ///< It ended as a log ends: zeros, or no file.
  std::string reason;    ///< Otherwise, what is wrong there.
};

/// Visits every record from `offset` on, in order, until one is bad: wrong size, magic, parts, body CRC, or a physical
/// offset other than its place (a leftover of another life of the file). A visitor's error ends the scan. One thread;
/// blocking.
class LogScanner {
 public:
  using Visitor = std::function<Status(const message::RecordView&)>;

  /// With `verify_property_crc` a record that ends with a property CRC must match it.
  explicit LogScanner(const SegmentList& segments, bool verify_property_crc = false)
      : segments_(segments), verify_property_crc_(verify_property_crc) {}
  Result<ScanEnd> scan(std::int64_t offset, const Visitor& visit);
  /// The first place in [offset, limit) where a good record begins; `limit` without one.
  Result<std::int64_t> find_record(std::int64_t offset, std::int64_t limit);

 private:
  enum class Step : std::uint8_t { kRecord, kNextSegment, kEnd };

  Result<Step> step(ScanEnd& end, const Visitor& visit);
  /// A view of [offset, offset + count), shorter only at the segment's end.
  Result<ByteView> window(const Segment& segment, std::int64_t offset, std::size_t count);

  const SegmentList& segments_;
  const bool verify_property_crc_;
  std::vector<std::byte> buffer_;
  std::int64_t buffer_begin_ = 0;
  std::size_t buffer_size_ = 0;
};

}  // namespace ogive::store
