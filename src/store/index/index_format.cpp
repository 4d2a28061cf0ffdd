#include "store/index/index_format.h"

#include <cstdlib>

#include "base/bytes.h"
#include "message/record.h"

namespace ogive::store {

void IndexHeader::encode(std::byte* out) const {
  store_be(out, begin_ms);
  store_be(out + 8, end_ms);
  store_be(out + 16, begin_offset);
  store_be(out + 24, end_offset);
  store_be(out + 32, slots_used);
  store_be(out + 36, count);
}

IndexHeader IndexHeader::decode(const std::byte* from) {
  IndexHeader header;
  header.begin_ms = load_be<std::int64_t>(from);
  header.end_ms = load_be<std::int64_t>(from + 8);
  header.begin_offset = load_be<std::int64_t>(from + 16);
  header.end_offset = load_be<std::int64_t>(from + 24);
  header.slots_used = load_be<std::int32_t>(from + 32);
  header.count = load_be<std::int32_t>(from + 36);
  return header;
}

void IndexEntry::encode(std::byte* out) const {
  store_be(out, hash);
  store_be(out + 4, offset);
  store_be(out + 12, seconds);
  store_be(out + 16, previous);
}

IndexEntry IndexEntry::decode(const std::byte* from) {
  return {load_be<std::int32_t>(from), load_be<std::int64_t>(from + 4), load_be<std::int32_t>(from + 12),
          load_be<std::int32_t>(from + 16)};
}

}  // namespace ogive::store
