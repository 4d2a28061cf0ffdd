#include "client/unique_id.h"

#include <unistd.h>

#include <span>

#include "base/bytes.h"

namespace ogive::client {
namespace {

constexpr std::int64_t kMonthMs = 31LL * 24 * 3600 * 1000;
constexpr std::size_t kTailBytes = 12;

}  // namespace

UniqueIds::UniqueIds(const std::vector<io::Endpoint>& addresses, std::uint64_t instance, const Clock& clock)
    : instance_(static_cast<std::uint32_t>(instance)), clock_(clock) {
  if (addresses.empty()) {
    host_.address = {127, 0, 0, 1};
  } else {
    host_ = addresses.front();
  }
}

std::string UniqueIds::next() {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::array<std::byte, 16 + kTailBytes> raw;
  std::memcpy(raw.data(), host_.address.data(), host_.address_size);
  std::byte* at = raw.data() + host_.address_size;
  store_be(at, static_cast<std::uint16_t>(::getpid()));
  store_be(at + 2, instance_);
  store_be(at + 6, static_cast<std::uint32_t>(clock_.wall_ms() % kMonthMs));
  store_be(at + 10, counter_++);
  std::string id;
  for (const std::byte byte : std::span(raw).first(host_.address_size + kTailBytes)) {
    id += kDigits[std::to_integer<unsigned>(byte) >> 4];
    id += kDigits[std::to_integer<unsigned>(byte) & 15];
  }
  return id;
}

}  // namespace ogive::client
