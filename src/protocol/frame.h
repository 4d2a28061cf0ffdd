#pragma once
// The remoting frame: length, serialization and header length, header, body. Format: docs/protocol/frame.md.
// Pure: no sockets, no clocks. Decoding never copies what it can view; encoding writes straight into an OutBuffer.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "io/out_buffer.h"

namespace ogive::protocol {

/// How a frame's header is written; each frame names its own.
enum class Serialization : std::uint8_t { kJson = 0, kRocketmq = 1 };

inline constexpr std::size_t kMaxFrameBytes = 16u << 20;
inline constexpr std::size_t kFramePrefixBytes = 8;  ///< Length, then serialization and header length.
inline constexpr std::int32_t kResponseFlag = 1;
inline constexpr std::int32_t kOneWayFlag = 2;

/// One name-value pair of a header's extFields.
struct Field {
  std::string_view name;
  std::string_view value;
};

/// A decoded frame. Views point into the frame's bytes or into this object's scratch memory and end with either; reuse
/// one object per reactor so that decoding allocates nothing in the steady state. Not thread-safe.
class Frame {
 public:
  Serialization serialization = Serialization::kJson;
  std::int32_t code =
      0;  ///< Request code (truncated 16-bit codes of binary headers already restored) or response code.
  std::int32_t language = 0;  ///< LanguageCode ordinal; unknown ones are kOther (7).
  std::int32_t version = 0;
  std::int32_t opaque = 0;
  std::int32_t flag = 0;
  std::string_view remark;
  std::vector<Field> fields;
  ByteView body;

  bool is_response() const { return (flag & kResponseFlag) != 0; }
  bool is_one_way() const { return (flag & kOneWayFlag) != 0; }
  /// Value of the extField `name`, if present.
  std::optional<std::string_view> find(std::string_view name) const;

  /// Decodes the frame in `bytes`, which is exactly one frame including its length (see frame_size). kCorrupt names the
  /// defect; the object's content is then unspecified.
  Status decode(ByteView bytes);

 private:
  Status decode_binary_header(ByteView header);

  std::string scratch_;  ///< Unescaped JSON strings; made as long as the header first, so that views stay valid.
};

/// Looks at the first bytes of a stream. Answers the whole frame's size once it can be known (may exceed bytes.size()),
/// 0 while fewer than 4 bytes are there, kCorrupt for negative, impossible or over-limit lengths.
Result<std::size_t> frame_size(ByteView bytes, std::size_t max_frame_bytes = kMaxFrameBytes);

/// What every outgoing frame says of its sender.
inline constexpr std::int32_t kOwnVersion = 513;  ///< version::kV5_5_0, as recorded frames of 5.5.0 carry it.
inline constexpr std::int32_t kOwnLanguage = 0;   ///< JAVA: clients branch on it.

/// Who a frame says it comes from; anything but the default only when speaking for somebody else.
struct FrameSender {
  std::int32_t language = kOwnLanguage;
  std::int32_t version = kOwnVersion;
};

/// Writes one frame into an OutBuffer: construct, add the remark, then fields in any order, then finish exactly once.
/// Nobody else may touch the buffer in between. Binary headers keep only the low 16 bits of code and version, as the
/// format has it.
///   FrameWriter writer(out, serialization, code, opaque, kResponseFlag);
///   writer.field("queueId", 3);
///   writer.finish(body);
class FrameWriter {
 public:
  FrameWriter(io::OutBuffer& out, Serialization serialization, std::int32_t code, std::int32_t opaque,
              std::int32_t flag, FrameSender sender = {});
  FrameWriter(const FrameWriter&) = delete;
  FrameWriter& operator=(const FrameWriter&) = delete;

  void remark(std::string_view text);                         ///< At most once, before the first field; "" writes none.
  void field(std::string_view name, std::string_view value);  ///< The name must need no JSON escaping.
  void field(std::string_view name, const char* value) { field(name, std::string_view(value)); }
  template <std::integral Number>
  void field(std::string_view name, Number value) {
    if constexpr (std::is_same_v<Number, bool>) {
      field(name, value ? std::string_view("true") : std::string_view("false"));
    } else {
      number_field(name, static_cast<std::int64_t>(value));
    }
  }

  /// Adds a field and returns where its `value_bytes` bytes are to be written, before the next call; they must need no
  /// JSON escaping.
  char* field_place(std::string_view name, std::size_t value_bytes);

  void finish() { finish_with_body_size(0); }
  void finish(ByteView body);  ///< Copies the body.
  void finish(std::string_view body) { finish(as_bytes(body)); }
  /// Closes the header for a body of `body_bytes` bytes that the caller appends to the OutBuffer next.
  void finish_with_body_size(std::size_t body_bytes);

 private:
  void number_field(std::string_view name, std::int64_t value);
  void begin_fields();
  void finish_json();
  char* extend(std::size_t count) { return reinterpret_cast<char*>(out_.extend(count)); }

  io::OutBuffer& out_;
  const Serialization serialization_;
  bool fields_begun_ = false;
  const std::int32_t opaque_;
  const std::int32_t flag_;
  const FrameSender sender_;
  const std::size_t begin_;    ///< Where the frame starts among the buffer's own bytes.
  std::size_t fields_at_ = 0;  ///< Binary: where the length of the fields is.
  std::string remark_;         ///< JSON: written behind the fields.
};

}  // namespace ogive::protocol
