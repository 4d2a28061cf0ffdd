#include "broker/produce/unique_key.h"

#include <unistd.h>

#include "base/bytes.h"

namespace ogive::broker {
namespace {

constexpr std::int64_t kMonthMs = 31LL * 24 * 3600 * 1000;

}  // namespace

UniqueKeyGenerator::UniqueKeyGenerator(const io::Endpoint& host, std::uint32_t instance, const Clock& clock)
    : host_(host), instance_(instance), clock_(clock) {}

std::string UniqueKeyGenerator::next() {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::byte raw[16 + 12];
  std::byte* at = raw;
  std::memcpy(at, host_.address.data(), host_.address_size);
  at += host_.address_size;
  store_be(at, static_cast<std::uint16_t>(::getpid()));
  store_be(at + 2, instance_);
  store_be(at + 6, static_cast<std::uint32_t>(clock_.wall_ms() % kMonthMs));
  store_be(at + 10, counter_++);
  at += 12;
  std::string key;
  for (const std::byte* byte = raw; byte != at; ++byte) {
    key += kDigits[std::to_integer<unsigned>(*byte) >> 4];
    key += kDigits[std::to_integer<unsigned>(*byte) & 15];
  }
  return key;
}

}  // namespace ogive::broker
