// Message properties.

#include <cstdint>
#include <string>

#include "message/properties.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ogive::message::for_each_property(text, [](std::string_view, std::string_view) { return true; });
  (void)ogive::message::find_property(text, "KEYS");
  std::string copy(text);
  (void)ogive::message::remove_property(copy, "KEYS");
  return 0;
}
