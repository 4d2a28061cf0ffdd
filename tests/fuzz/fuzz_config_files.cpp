// The broker's metadata files: what is read is written, and must then be read again.

#include <cstdint>
#include <cstdlib>

#include "protocol/bodies/offsets.h"
#include "protocol/bodies/subscription_group.h"
#include "protocol/bodies/topic_config.h"
#include "protocol/json.h"

namespace {

template <class Body>
void read_and_write(std::string_view text) {
  using namespace ogive::protocol;
  const auto body = from_json<Body>(text);
  if (body.has_value() && !from_json<Body>(to_json(*body, JsonStyle{.pretty = true})).has_value()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      read_and_write<ogive::protocol::TopicConfigSerializeWrapper>(text);
      break;
    case 1:
      read_and_write<ogive::protocol::SubscriptionGroupWrapper>(text);
      break;
    case 2:
      read_and_write<ogive::protocol::ConsumerOffsetSerializeWrapper>(text);
      break;
    default:
      read_and_write<ogive::protocol::DelayOffsetSerializeWrapper>(text);
      break;
  }
  return 0;
}
