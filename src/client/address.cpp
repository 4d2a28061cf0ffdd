#include "client/address.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

namespace ogive::client {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

std::string HostPort::text() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port);
}

Result<HostPort> parse_host_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) {
    return fail(Errc::kInvalidArgument, fmt::format("address '{}' is not host:port", text));
  }
  const std::string_view digits = text.substr(colon + 1);
  HostPort address;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
  if (error != std::errc{} || end != digits.data() + digits.size() || address.port == 0) {
    return fail(Errc::kInvalidArgument,
                fmt::format("address '{}': port '{}' is not a number from 1 to 65535", text, digits));
  }
  std::string_view host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  address.host = host;
  return address;
}

Result<std::vector<HostPort>> parse_address_list(std::string_view text) {
  std::vector<HostPort> addresses;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = rest.find_first_of(";,");
    const std::string_view one = trimmed(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (one.empty()) continue;
    auto address = parse_host_port(one);
    if (!address) return fail(std::move(address).error());
    if (std::ranges::find(addresses, *address) == addresses.end()) addresses.push_back(std::move(*address));
  }
  if (addresses.empty())
    return fail(Errc::kInvalidArgument, "the list of addresses is empty; write it as host:port;host:port");
  return addresses;
}

}  // namespace ogive::client
