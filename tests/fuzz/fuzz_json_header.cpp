// JSON headers without the frame around them.

#include <cstdint>
#include <string>

#include "protocol/json_header.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string header(reinterpret_cast<const char*>(data), size);
  std::string scratch(size, '\0');
  ogive::protocol::Frame frame;
  (void)ogive::protocol::decode_json_header(header, scratch.data(), frame);
  return 0;
}
