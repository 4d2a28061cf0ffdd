#pragma once
// The JSON form of a frame's header. Internal to the module: Frame::decode is the way in.

#include "protocol/frame.h"

namespace ogive::protocol {

/// Nesting allowed inside members that are skipped.
inline constexpr int kMaxHeaderNesting = 32;
/// Fields one header may carry; a binary header is held to the same.
inline constexpr std::size_t kMaxHeaderFields = 4096;

/// Fills `frame` from a JSON header. Escaped strings are unescaped into `scratch`, which has header.size() bytes.
/// kCorrupt names the defect and its position.
Status decode_json_header(std::string_view header, char* scratch, Frame& frame);

}  // namespace ogive::protocol
