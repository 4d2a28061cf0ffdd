#include "bench/request_template.h"

#include <charconv>
#include <cstring>

#include "base/bytes.h"
#include "base/check.h"

namespace ogive::bench {
namespace {

constexpr std::string_view kOpaqueName = "\"opaque\":";
constexpr std::string_view kCodeName = "{\"code\":";
constexpr std::size_t kBinaryCodeAt = protocol::kFramePrefixBytes;
constexpr std::size_t kBinaryOpaqueAt = protocol::kFramePrefixBytes + 5;

void put_decimal(char* to, std::size_t width, std::uint64_t number) {
  for (std::size_t i = width; i-- > 0; number /= 10) to[i] = static_cast<char>('0' + number % 10);
}

void put_hex(char* to, std::size_t width, std::uint64_t number) {
  for (std::size_t i = width; i-- > 0; number >>= 4) to[i] = "0123456789ABCDEF"[number & 15];
}

bool read_number(const char* from, const char* end, std::int32_t& out) {
  return std::from_chars(from, end, out).ec == std::errc();
}

}  // namespace

RequestTemplate::RequestTemplate(std::string frame, protocol::Serialization serialization)
    : frame_(std::move(frame)), opaque_is_text_(serialization == protocol::Serialization::kJson) {
  opaque_at_ = opaque_is_text_ ? frame_.find(kOpaqueName) + kOpaqueName.size() : kBinaryOpaqueAt;
  OGIVE_CHECK(opaque_at_ < frame_.size());
  for (std::size_t at = frame_.find(kHexPlace); at != std::string::npos;) {
    const bool decimal = frame_.compare(at, kDecimalPlace.size(), kDecimalPlace) == 0;
    const std::size_t width = decimal ? kDecimalPlace.size() : kHexPlace.size();
    places_.push_back({at, static_cast<std::uint8_t>(width)});
    at = frame_.find(kHexPlace, at + width);
  }
}

void RequestTemplate::write(io::OutBuffer& out, std::int32_t slot, std::uint64_t number, std::size_t cut) const {
  const std::size_t bytes = frame_.size() - cut;
  char* to = reinterpret_cast<char*>(out.extend(bytes));
  std::memcpy(to, frame_.data(), bytes);
  if (cut != 0) store_be(to, static_cast<std::uint32_t>(bytes - sizeof(std::uint32_t)));
  const std::int32_t opaque = kFirstOpaque + slot;
  if (opaque_is_text_) {
    put_decimal(to + opaque_at_, 10, static_cast<std::uint64_t>(opaque));
  } else {
    store_be(to + opaque_at_, opaque);
  }
  for (const Place& place : places_) {
    if (place.width == kDecimalPlace.size()) {
      put_decimal(to + place.begin, place.width, number++);
    } else {
      put_hex(to + place.begin, place.width, number++);
    }
  }
}

std::string take_bytes(io::OutBuffer& out) {
  std::string bytes;
  while (!out.empty()) {
    ByteView piece;
    out.peek({&piece, 1});
    bytes += as_chars(piece);
    out.consume(piece.size());
  }
  return bytes;
}

Result<ReplyView> scan_reply(ByteView frame, protocol::Frame& scratch) {
  ReplyView reply;
  const auto form = frame.size() < protocol::kFramePrefixBytes ? 0xff000000u : load_be<std::uint32_t>(frame.data() + 4);
  const std::size_t header_bytes = form & 0xffffff;
  if (form >> 24 == 1 && header_bytes >= 13 && frame.size() >= protocol::kFramePrefixBytes + header_bytes) {
    reply.code = load_be<std::int16_t>(frame.data() + kBinaryCodeAt);
    reply.opaque = load_be<std::int32_t>(frame.data() + kBinaryOpaqueAt);
    return reply;
  }
  if (form >> 24 == 0 && frame.size() >= protocol::kFramePrefixBytes + header_bytes) {
    const std::string_view header = as_chars(frame.subspan(protocol::kFramePrefixBytes, header_bytes));
    // Backwards: servers write the opaque behind the fields, where the remark, whose quotes are escaped, cannot
    // imitate it.
    const std::size_t opaque = header.rfind(kOpaqueName);
    if (header.starts_with(kCodeName) && opaque != std::string_view::npos) {
      const char* end = header.data() + header.size();
      if (read_number(header.data() + kCodeName.size(), end, reply.code) &&
          read_number(header.data() + opaque + kOpaqueName.size(), end, reply.opaque)) {
        return reply;
      }
    }
  }
  OGIVE_TRY(scratch.decode(frame));
  reply.code = scratch.code;
  reply.opaque = scratch.opaque;
  return reply;
}

}  // namespace ogive::bench
