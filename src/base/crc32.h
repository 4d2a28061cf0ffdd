#pragma once
// CRC-32 (IEEE 802.3, as java.util.zip.CRC32), by isa-l where it is installed, else zlib.

#include <cstdint>

#include "base/bytes.h"

namespace ogive {

/// CRC of `bytes`, continuing from `seed` (0 starts a new sum).
std::uint32_t crc32(ByteView bytes, std::uint32_t seed = 0);

/// The form stored in message records and registration headers: without the sign bit.
inline std::int32_t message_crc32(ByteView bytes) {
  return static_cast<std::int32_t>(crc32(bytes) & 0x7fffffffU);
}

}  // namespace ogive
