#include "base/crc32.h"

#ifdef OGIVE_HAVE_ISAL
#include <isa-l/crc.h>
#else
#include <zlib.h>
#endif

namespace ogive {

std::uint32_t crc32(ByteView bytes, std::uint32_t seed) {
#ifdef OGIVE_HAVE_ISAL
  return crc32_gzip_refl(seed, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
#else
  return static_cast<std::uint32_t>(
      ::crc32_z(seed, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
#endif
}

}  // namespace ogive
