// Bodies of batch sends.

#include <cstdint>

#include "protocol/batch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ogive::protocol::BatchReader reader(ogive::ByteView(reinterpret_cast<const std::byte*>(data), size));
  while (!reader.done() && reader.next().has_value()) {
  }
  return 0;
}
