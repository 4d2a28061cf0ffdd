#include <charconv>
#include <cstring>

#include "base/check.h"
#include "protocol/codes.h"
#include "protocol/frame.h"
#include "protocol/json_text.h"

namespace ogive::protocol {
namespace {

constexpr std::size_t kMaxHeaderBytes = 0xffffff;  ///< The prefix has 24 bits for it.
constexpr std::size_t kBinaryFixedBytes = 2 + 1 + 2 + 4 + 4;

char* put(char* to, std::string_view text) {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

/// Decimal digits on the stack.
struct Digits {
  explicit Digits(std::int64_t value)
      : size(static_cast<std::size_t>(std::to_chars(text, text + sizeof text, value).ptr - text)) {}
  std::string_view view() const { return {text, size}; }
  char text[20];
  std::size_t size;
};

}  // namespace

FrameWriter::FrameWriter(io::OutBuffer& out, Serialization serialization, std::int32_t code, std::int32_t opaque,
                         std::int32_t flag, FrameSender sender)
    : out_(out), serialization_(serialization), opaque_(opaque), flag_(flag), sender_(sender), begin_(out.own_size()) {
  if (serialization_ == Serialization::kJson) {
    const Digits digits(code);
    static constexpr std::string_view kOpening = "{\"code\":";
    char* to = extend(kFramePrefixBytes + kOpening.size() + digits.size);
    put(put(to + kFramePrefixBytes, kOpening), digits.view());
    return;
  }
  char* to = extend(kFramePrefixBytes + kBinaryFixedBytes + 4) + kFramePrefixBytes;
  store_be(to, static_cast<std::int16_t>(code));
  store_be(to + 2, static_cast<std::int8_t>(sender_.language));
  store_be(to + 3, static_cast<std::int16_t>(sender_.version));
  store_be(to + 5, opaque_);
  store_be(to + 9, flag_);
  store_be(to + kBinaryFixedBytes, std::int32_t{0});
}

void FrameWriter::remark(std::string_view text) {
  OGIVE_CHECK(!fields_begun_);
  if (serialization_ == Serialization::kJson) {
    remark_ = text;
    return;
  }
  store_be(out_.own_bytes_at(begin_ + kFramePrefixBytes + kBinaryFixedBytes), static_cast<std::int32_t>(text.size()));
  out_.append(text);
}

void FrameWriter::begin_fields() {
  fields_begun_ = true;
  if (serialization_ == Serialization::kJson) {
    out_.append(std::string_view(",\"extFields\":{"));
    return;
  }
  fields_at_ = out_.own_size();
  store_be(extend(4), std::int32_t{0});
}

char* FrameWriter::field_place(std::string_view name, std::size_t value_bytes) {
  const bool first = !fields_begun_;
  if (first) begin_fields();
  if (serialization_ == Serialization::kRocketmq) {
    OGIVE_CHECK(name.size() <= 0x7fff);
    char* to = extend(2 + name.size() + 4 + value_bytes);
    store_be(to, static_cast<std::int16_t>(name.size()));
    to = put(to + 2, name);
    store_be(to, static_cast<std::int32_t>(value_bytes));
    return to + 4;
  }
  char* to = extend((first ? 0 : 1) + name.size() + value_bytes + 5);
  if (!first) *to++ = ',';
  *to++ = '"';
  to = put(put(to, name), "\":\"");
  to[value_bytes] = '"';
  return to;
}

void FrameWriter::field(std::string_view name, std::string_view value) {
  const std::size_t value_bytes = serialization_ == Serialization::kJson ? escaped_size(value) : value.size();
  char* to = field_place(name, value_bytes);
  value_bytes == value.size() ? put(to, value) : write_escaped(to, value);
}

void FrameWriter::number_field(std::string_view name, std::int64_t value) {
  field(name, Digits(value).view());
}

void FrameWriter::finish_json() {
  static_assert(kOwnLanguage == 0 && kOwnVersion == 513 && kResponseFlag == 1);
  static constexpr std::string_view kReply = "},\"flag\":1,\"language\":\"JAVA\",\"opaque\":";
  static constexpr std::string_view kReplyEnd = ",\"serializeTypeCurrentRPC\":\"JSON\",\"version\":513}";
  const bool ours = sender_.language == kOwnLanguage && sender_.version == kOwnVersion;
  char tail[192];
  char* to = tail;
  if (ours && fields_begun_ && flag_ == kResponseFlag) {
    to = put(to, kReply);
  } else {
    to = put(put(to, fields_begun_ ? "}" : ""), ",\"flag\":");
    to = put(to, Digits(flag_).view());
    to = put(put(put(to, ",\"language\":\""), language_name(sender_.language)), "\",\"opaque\":");
  }
  to = put(to, Digits(opaque_).view());
  if (!remark_.empty()) {
    to = put(to, ",\"remark\":\"");
    out_.append(std::string_view(tail, static_cast<std::size_t>(to - tail)));
    write_escaped(extend(escaped_size(remark_)), remark_);
    to = put(tail, "\"");
  }
  if (ours) {
    to = put(to, kReplyEnd);
  } else {
    to = put(put(to, ",\"serializeTypeCurrentRPC\":\"JSON\",\"version\":"), Digits(sender_.version).view());
    *to++ = '}';
  }
  out_.append(std::string_view(tail, static_cast<std::size_t>(to - tail)));
}

void FrameWriter::finish(ByteView body) {
  finish_with_body_size(body.size());
  out_.append(body);
}

void FrameWriter::finish_with_body_size(std::size_t body_bytes) {
  if (serialization_ == Serialization::kJson) {
    finish_json();
  } else {
    if (!fields_begun_) begin_fields();
    store_be(out_.own_bytes_at(fields_at_), static_cast<std::int32_t>(out_.own_size() - fields_at_ - 4));
  }
  const std::size_t header_bytes = out_.own_size() - begin_ - kFramePrefixBytes;
  OGIVE_CHECK(header_bytes <= kMaxHeaderBytes);
  OGIVE_CHECK(body_bytes <= 0x7fffffff - kMaxHeaderBytes - kFramePrefixBytes);
  std::byte* prefix = out_.own_bytes_at(begin_);
  store_be(prefix, static_cast<std::uint32_t>(4 + header_bytes + body_bytes));
  store_be(prefix + 4, static_cast<std::uint32_t>(serialization_) << 24 | static_cast<std::uint32_t>(header_bytes));
}

}  // namespace ogive::protocol
