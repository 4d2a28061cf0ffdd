#pragma once
// The stored message record: what the commit log holds and what a pull returns. Format: docs/formats/commit-log.md.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "io/network.h"

namespace ogive::message {

inline constexpr std::int32_t kMagicV1 = static_cast<std::int32_t>(0xDAA320A7U);
inline constexpr std::int32_t kMagicV2 = static_cast<std::int32_t>(0xDAA320ABU);  ///< 2-byte topic length.
inline constexpr std::int32_t kMagicBlank =
    static_cast<std::int32_t>(0xCBD43194U);  ///< Rest of a file without records.

inline constexpr std::size_t kMaxTopicBytesV1 = 127;
inline constexpr std::size_t kMaxTopicBytes = 255;
inline constexpr std::size_t kMaxPropertiesBytes = 32767;
/// A blank record's own size; every record leaves at least this much free behind it in its file.
inline constexpr std::size_t kBlankRecordBytes = 8;

/// Positions that do not depend on the address families.
inline constexpr std::size_t kBodyCrcPosition = 8;
inline constexpr std::size_t kQueueIdPosition = 12;
inline constexpr std::size_t kFlagPosition = 16;
inline constexpr std::size_t kQueueOffsetPosition = 20;
inline constexpr std::size_t kPhysicalOffsetPosition = 28;
inline constexpr std::size_t kSysFlagPosition = 36;
inline constexpr std::size_t kBornTimestampPosition = 40;
inline constexpr std::size_t kBornHostPosition = 48;

/// A decoded record: numbers by value, the rest as views into the bytes it was decoded from.
struct RecordView {
  std::int32_t size = 0;
  std::int32_t magic = kMagicV1;
  std::int32_t body_crc = 0;
  std::int32_t queue_id = 0;
  std::int32_t flag = 0;
  std::int64_t queue_offset = 0;
  std::int64_t physical_offset = 0;
  std::int32_t sys_flag = 0;
  std::int64_t born_timestamp_ms = 0;
  io::Endpoint born_host;
  std::int64_t store_timestamp_ms = 0;
  io::Endpoint store_host;
  std::int32_t reconsume_times = 0;
  std::int64_t prepared_transaction_offset = 0;
  ByteView body;
  std::string_view topic;
  std::string_view properties;
  ByteView whole;  ///< All its bytes.
};

/// Decodes the record at the beginning of `bytes`, which may be longer. kCorrupt says what contradicts what. Does not
/// check the body's CRC (see body_crc_matches). A blank record is not a message: check its magic first.
Result<RecordView> decode_record(ByteView bytes);

bool body_crc_matches(const RecordView& record);

/// What is looked at of a record to find it again.
struct RecordNames {
  std::int32_t size = 0;
  std::int32_t sys_flag = 0;
  std::int64_t physical_offset = 0;
  std::int64_t store_timestamp_ms = 0;
  std::string_view topic;
  std::string_view properties;
};
/// The names of the record at the beginning of `bytes`, which may be longer: what decode_record finds in it, at a
/// fraction of the cost; none where that fails.
std::optional<RecordNames> record_names(ByteView bytes);

/// Messages in a record: those of an inner batch (INNER_NUM), else 1.
std::int32_t message_count(const RecordView& record);
std::int32_t message_count(std::int32_t sys_flag, std::string_view properties);

/// Which properties the server puts behind the others (message/record_tail.h).
struct RecordTail {
  bool inner_base = false;    ///< INNER_BASE: the queue offset of an inner batch's first message.
  bool property_crc = false;  ///< enabledAppendPropCRC: a CRC of the whole record before it.
  bool any() const { return inner_base || property_crc; }
};

/// What a producer's message needs to become a record. Queue offset, physical offset and store timestamp are left zero
/// for the log to patch in. The address-family bits of sys_flag are set from the hosts.
struct RecordFields {
  std::int32_t queue_id = 0;
  std::int32_t flag = 0;
  std::int32_t sys_flag = 0;
  std::int64_t born_timestamp_ms = 0;
  io::Endpoint born_host;
  io::Endpoint store_host;
  std::int32_t reconsume_times = 0;
  std::int64_t prepared_transaction_offset = 0;
  ByteView body;
  std::string_view topic;            ///< At most kMaxTopicBytes; over kMaxTopicBytesV1 makes a V2 record.
  std::string_view properties;       ///< properties then properties_tail, together at most kMaxPropertiesBytes.
  std::string_view properties_tail;  ///< What the server adds, so that the producer's need not be copied first.
};

std::size_t encoded_size(const RecordFields& fields, RecordTail tail = {});
/// Writes exactly encoded_size(fields, tail) bytes at `out`. The log fills in the tail's values (patch_tail).
void encode_record(const RecordFields& fields, std::byte* out, RecordTail tail = {});

/// Encodes records that differ in flag, body and properties only: the messages of one batch. What they share is encoded
/// once.
class RecordSeries {
 public:
  /// Of `common`, flag, body and both kinds of properties do not matter; its topic's bytes are copied.
  explicit RecordSeries(const RecordFields& common);

  std::size_t size(ByteView body, std::string_view properties) const {
    return head_bytes_ + body.size() + topic_bytes_ + sizeof(std::int16_t) + properties.size();
  }
  /// Writes exactly size(body, properties) bytes at `out`: what encode_record makes of the same fields.
  void encode(std::int32_t flag, ByteView body, std::string_view properties, std::byte* out) const;

 private:
  static constexpr std::size_t kHeadBytesV4 = 88;  ///< Everything before the body.
  std::array<std::byte, kHeadBytesV4 + 2 * 12> head_;
  std::array<std::byte, 2 + kMaxTopicBytes> topic_;  ///< Length and name.
  std::size_t head_bytes_ = 0;
  std::size_t topic_bytes_ = 0;
};

/// Position of the store timestamp within an encoded record with these flags.
constexpr std::size_t store_timestamp_position(std::int32_t sys_flag) {
  return kBornHostPosition + ((sys_flag & 0x10) != 0 ? 20 : 8);
}

/// Java's String.hashCode over the UTF-16 form of UTF-8 `text`; tag codes and index keys are built on it.
/// `before` is the hash of a text in front of it.
std::int32_t java_string_hash(std::string_view text, std::int32_t before = 0);

/// Tag code of a TAGS value: its Java hash, sign-extended; 0 for none.
std::int64_t tags_code(std::string_view tags);

/// Tag code of the TAGS property among `properties`.
std::int64_t tags_code_of(std::string_view properties);

/// Message id that names a record by place: hex of store host address, port (4 bytes) and physical offset; 32 or 56
/// digits.
class OffsetMessageId {
 public:
  OffsetMessageId(const io::Endpoint& store_host, std::int64_t physical_offset);
  std::string_view text() const { return {text_, size_}; }
  /// Writes the id of another record of the same host, text().size() characters, at `to`; returns where it ends.
  char* write(std::int64_t physical_offset, char* to) const;

 private:
  static constexpr std::size_t kOffsetDigits = 16;
  char text_[56];
  std::size_t size_ = 0;
};

struct RecordPlace {
  io::Endpoint store_host;
  std::int64_t physical_offset = 0;
};
/// The reverse; kInvalidArgument for anything that is not 32 or 56 hex digits.
Result<RecordPlace> parse_offset_message_id(std::string_view text);

}  // namespace ogive::message
