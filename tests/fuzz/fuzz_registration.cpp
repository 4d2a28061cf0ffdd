// Broker registrations in all three forms, and the parts inside the compressed one directly.

#include <cstdint>

#include "protocol/bodies/register_broker.h"
#include "protocol/codes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ogive::protocol;
  const ogive::ByteView body(reinterpret_cast<const std::byte*>(data), size);
  (void)decode_registration(body, true, version::kV5_5_0);
  (void)decode_registration(body, false, version::kV5_5_0);
  (void)decode_registration(body, false, 0);
  (void)decode_inflated_registration(body, version::kV5_5_0);
  return 0;
}
