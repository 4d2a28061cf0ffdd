#include "protocol/frame.h"

#include <fmt/core.h>

#include "protocol/codes.h"
#include "protocol/json_header.h"

namespace ogive::protocol {
namespace {

/// Code, language, version, opaque, flag, remark length, fields length.
constexpr std::size_t kSmallestBinaryHeader = 2 + 1 + 2 + 4 + 4 + 4 + 4;

/// Scratch kept between frames; what one huge header needed beyond it is given back with the next frame.
constexpr std::size_t kKeptScratchBytes = 64u << 10;

}  // namespace

std::optional<std::string_view> Frame::find(std::string_view name) const {
  // Backwards: of a name given twice the last value counts, as in the maps other implementations keep fields in.
  for (auto field = fields.rbegin(); field != fields.rend(); ++field) {
    if (field->name == name) return field->value;
  }
  return std::nullopt;
}

Status Frame::decode(ByteView bytes) {
  fields.clear();
  code = language = version = opaque = flag = 0;
  remark = {};
  body = {};
  if (bytes.size() < kFramePrefixBytes) {
    return fail(Errc::kCorrupt,
                fmt::format("frame of {} bytes is shorter than its prefix of {}", bytes.size(), kFramePrefixBytes));
  }
  const auto length = load_be<std::uint32_t>(bytes.data());
  if (length != bytes.size() - 4) {
    return fail(Errc::kCorrupt,
                fmt::format("frame of {} bytes says that it has {} bytes", bytes.size(), std::uint64_t{length} + 4));
  }
  const auto form = load_be<std::uint32_t>(bytes.data() + 4);
  const std::size_t header_bytes = form & 0xffffff;
  if (header_bytes > bytes.size() - kFramePrefixBytes) {
    return fail(Errc::kCorrupt,
                fmt::format("header of {} bytes exceeds the frame of {} bytes", header_bytes, bytes.size()));
  }
  const ByteView header = bytes.subspan(kFramePrefixBytes, header_bytes);
  body = bytes.subspan(kFramePrefixBytes + header_bytes);
  switch (form >> 24) {
    case static_cast<std::uint32_t>(Serialization::kJson):
      serialization = Serialization::kJson;
      if (scratch_.size() > kKeptScratchBytes && header_bytes <= kKeptScratchBytes) std::string().swap(scratch_);
      if (scratch_.size() < header_bytes) scratch_.resize(header_bytes < 4096 ? 4096 : header_bytes);
      return decode_json_header(as_chars(header), scratch_.data(), *this);
    case static_cast<std::uint32_t>(Serialization::kRocketmq):
      serialization = Serialization::kRocketmq;
      return decode_binary_header(header);
    default:
      return fail(Errc::kCorrupt,
                  fmt::format("header serialization {} is neither 0 (JSON) nor 1 (ROCKETMQ)", form >> 24));
  }
}

Status Frame::decode_binary_header(ByteView header) {
  if (header.size() < kSmallestBinaryHeader) {
    return fail(Errc::kCorrupt,
                fmt::format("binary header of {} bytes is shorter than {}", header.size(), kSmallestBinaryHeader));
  }
  ByteReader reader(header);
  code = reader.read<std::int16_t>();
  language = reader.read<std::uint8_t>();
  if (language > 13) language = language::kOther;
  version = reader.read<std::int16_t>();
  opaque = reader.read<std::int32_t>();
  flag = reader.read<std::int32_t>();
  const auto remark_bytes = reader.read<std::uint32_t>();
  remark = reader.take_chars(remark_bytes);
  const auto fields_bytes = reader.read<std::uint32_t>();
  if (!reader.ok() || fields_bytes > reader.remaining()) {
    return fail(Errc::kCorrupt,
                fmt::format("binary header of {} bytes: remark of {} bytes or fields of {} bytes exceed it",
                            header.size(), remark_bytes, fields_bytes));
  }
  if (!is_response()) code = restore_request_code(code);

  ByteReader pairs(reader.take(fields_bytes));
  while (pairs.remaining() != 0) {
    const std::string_view name = pairs.take_chars(pairs.read<std::uint16_t>());
    const std::string_view value = pairs.take_chars(pairs.read<std::uint32_t>());
    if (!pairs.ok()) {
      return fail(Errc::kCorrupt, fmt::format("binary header of {} bytes: field {} exceeds the {} bytes of all fields",
                                              header.size(), fields.size() + 1, fields_bytes));
    }
    if (fields.size() == kMaxHeaderFields) {
      return fail(Errc::kCorrupt, fmt::format("binary header has more than {} fields", kMaxHeaderFields));
    }
    fields.push_back({name, value});
  }
  return {};
}

Result<std::size_t> frame_size(ByteView bytes, std::size_t max_frame_bytes) {
  if (bytes.size() < 4) return std::size_t{0};
  const auto length = load_be<std::int32_t>(bytes.data());
  if (length < 4) {
    return fail(Errc::kCorrupt,
                fmt::format("frame length {} is below 4; the peer does not speak the remoting protocol", length));
  }
  const std::size_t size = static_cast<std::size_t>(length) + 4;
  if (size > max_frame_bytes) {
    return fail(Errc::kCorrupt,
                fmt::format("frame of {} bytes exceeds the limit of {}; raise it or send less", size, max_frame_bytes));
  }
  return size;
}

}  // namespace ogive::protocol
