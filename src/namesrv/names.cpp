#include "namesrv/names.h"

#include <fmt/core.h>

#include <charconv>
#include <string>

namespace ogive::namesrv {
namespace {

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// For messages: what a hostile peer sent must neither flood nor break a log.
std::string printable(std::string_view text) {
  constexpr std::size_t kShown = 64;
  std::string out;
  for (const char c : text.substr(0, kShown)) out += c >= 0x20 && c < 0x7f ? c : '?';
  if (text.size() > kShown) out += "...";
  return out;
}

}  // namespace

Status check_name(std::string_view kind, std::string_view name) {
  if (name.empty()) return fail(Errc::kInvalidArgument, fmt::format("the {} name is empty", kind));
  if (name.size() > kMaxNameBytes) {
    return fail(Errc::kInvalidArgument, fmt::format("the {} name {} is {} bytes long, more than {}", kind,
                                                    printable(name), name.size(), kMaxNameBytes));
  }
  constexpr std::string_view kOthers = "%|_-.";
  for (const char c : name) {
    if (is_alphanumeric(c) || kOthers.find(c) != std::string_view::npos) continue;
    return fail(Errc::kInvalidArgument,
                fmt::format("the {} name {} contains illegal characters, allowing only ^[%|a-zA-Z0-9_.-]+$", kind,
                            printable(name)));
  }
  if (name.front() == '.') {
    return fail(Errc::kInvalidArgument, fmt::format("the {} name {} begins with a dot", kind, printable(name)));
  }
  return {};
}

Status check_address(std::string_view kind, std::string_view address) {
  const auto refuse = [&](std::string_view why) {
    return fail(Errc::kInvalidArgument,
                fmt::format("the {} {} {}; it must be host:port", kind, printable(address), why));
  };
  if (address.empty()) return refuse("is empty");
  if (address.size() > kMaxAddressBytes) return refuse("is too long");
  constexpr std::string_view kOthers = ".:[]-_%";
  for (const char c : address) {
    if (!is_alphanumeric(c) && kOthers.find(c) == std::string_view::npos) return refuse("contains illegal characters");
  }
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return refuse("has no port");
  unsigned port = 0;
  const char* end = address.data() + address.size();
  const auto parsed = std::from_chars(address.data() + colon + 1, end, port);
  if (parsed.ec != std::errc() || parsed.ptr != end || port > 65'535) return refuse("has no valid port");
  return {};
}

Status check_broker(std::string_view cluster, std::string_view broker_name, std::string_view address) {
  OGIVE_TRY(check_name("cluster", cluster));
  OGIVE_TRY(check_name("broker", broker_name));
  return check_address("broker address", address);
}

}  // namespace ogive::namesrv
