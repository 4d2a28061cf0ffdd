// Binary headers: the prefix is made to fit, so that every input reaches the header's own lengths.

#include <cstdint>
#include <string>

#include "protocol/frame.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 0xffff) return 0;
  std::string bytes(8, '\0');
  ogive::store_be(bytes.data(), static_cast<std::uint32_t>(size + 4));
  ogive::store_be(bytes.data() + 4, static_cast<std::uint32_t>(size) | 1u << 24);
  bytes.append(reinterpret_cast<const char*>(data), size);
  static ogive::protocol::Frame frame;
  (void)frame.decode(ogive::as_bytes(bytes));
  return 0;
}
