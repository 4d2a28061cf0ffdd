#include "remoting/close_log.h"

#include <array>
#include <atomic>

#include "base/log.h"
#include "base/rate_limit.h"

namespace ogive::remoting {
namespace {

constexpr std::size_t kCauses = static_cast<std::size_t>(Errc::kWouldBlock) + 1;

std::atomic<std::uint64_t> g_count{0};

template <std::size_t... I>
std::array<RateLimit, sizeof...(I)> limits(std::index_sequence<I...>) {
  return {((void)I, RateLimit(system_clock()))...};
}

}  // namespace

void note_misbehaviour(const io::Endpoint& remote, const Error& error) {
  g_count.fetch_add(1, std::memory_order_relaxed);
  static std::array<RateLimit, kCauses> by_cause = limits(std::make_index_sequence<kCauses>());
  if (const auto times = by_cause[static_cast<std::size_t>(error.code())].allow(); times > 0) {
    OGIVE_LOG(warn, "remoting", "closing {}: {} ({} closes for such a cause since last reported)", remote.to_string(),
              error.message(), times);
  }
}

std::uint64_t misbehaved_connections() {
  return g_count.load(std::memory_order_relaxed);
}

}  // namespace ogive::remoting
