#pragma once
// Requests at the price of a copy: encoded once, the few bytes that differ from one to the next are written in.

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "io/out_buffer.h"
#include "protocol/frame.h"

namespace ogive::bench {

/// A request frame with places for its opaque and for one running number. Immutable once built; any thread.
class RequestTemplate {
 public:
  /// Opaques are this plus the request's slot: a number of constant width in either serialization.
  static constexpr std::int32_t kFirstOpaque = 1'000'000'000;
  /// Put one of these where the number goes when building the frame: 19 decimal digits (offsets), or 16 hexadecimal
  /// digits (unique keys). Several places get successive numbers.
  static constexpr std::string_view kDecimalPlace = "7777777777777777777";
  static constexpr std::string_view kHexPlace = "7777777777777777";

  /// `frame` is one frame encoded with kFirstOpaque.
  RequestTemplate(std::string frame, protocol::Serialization serialization);

  /// `cut` bytes of the body's end are left out; no place may be there.
  void write(io::OutBuffer& out, std::int32_t slot, std::uint64_t number, std::size_t cut = 0) const;
  std::size_t places() const { return places_.size(); }
  std::size_t size() const { return frame_.size(); }

 private:
  struct Place {
    std::size_t begin;
    std::uint8_t width;  ///< kDecimalPlace's or kHexPlace's.
  };

  std::string frame_;
  std::size_t opaque_at_ = 0;
  bool opaque_is_text_ = false;
  std::vector<Place> places_;
};

/// The bytes of an OutBuffer as one string, for frames that are built once.
std::string take_bytes(io::OutBuffer& out);

/// What the generator wants to know of a reply.
struct ReplyView {
  std::int32_t code = 0;
  std::int32_t opaque = 0;
};

/// Reads code and opaque of one whole frame without decoding its fields where its form is the usual one; else decodes
/// it with `scratch`.
Result<ReplyView> scan_reply(ByteView frame, protocol::Frame& scratch);

}  // namespace ogive::bench
