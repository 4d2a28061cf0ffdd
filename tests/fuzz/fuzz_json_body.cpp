// JSON bodies with every kind of member: what is read is written and must be read again.

#include <cstdint>
#include <cstdlib>

#include "protocol/bodies/heartbeat.h"
#include "protocol/bodies/running_info.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ogive::protocol;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)from_json<HeartbeatData>(text);
  const auto info = from_json<ConsumerRunningInfo>(text);
  if (info.has_value() && !from_json<ConsumerRunningInfo>(to_json(*info)).has_value()) std::abort();
  return 0;
}
