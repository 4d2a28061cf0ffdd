#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>

#include <charconv>

#include "io/network.h"

namespace ogive::io {
namespace {

Result<std::uint16_t> parse_port(std::string_view digits, std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || value > 65535) {
    return fail(Errc::kInvalidArgument,
                fmt::format("address '{}': port '{}' is not a number from 0 to 65535", text, digits));
  }
  return static_cast<std::uint16_t>(value);
}

}  // namespace

std::string Endpoint::host() const {
  char text[INET6_ADDRSTRLEN] = {};
  ::inet_ntop(is_v6() ? AF_INET6 : AF_INET, address.data(), text, sizeof text);
  return text;
}

std::string Endpoint::to_string() const {
  return is_v6() ? fmt::format("[{}]:{}", host(), port) : fmt::format("{}:{}", host(), port);
}

Result<Endpoint> Endpoint::parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return fail(Errc::kInvalidArgument, fmt::format("address '{}' has no port; write it as ip:port", text));
  }
  std::string_view host = text.substr(0, colon);
  Endpoint endpoint;
  if (auto port = parse_port(text.substr(colon + 1), text)) {
    endpoint.port = *port;
  } else {
    return fail(std::move(port).error());
  }
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  // A scope ("%eth0") only means something on the machine that printed it.
  const std::string address(host.substr(0, host.find('%')));
  if (!bracketed && ::inet_pton(AF_INET, address.c_str(), endpoint.address.data()) == 1) return endpoint;
  if (::inet_pton(AF_INET6, address.c_str(), endpoint.address.data()) == 1) {
    endpoint.address_size = 16;
    return endpoint;
  }
  return fail(Errc::kInvalidArgument,
              fmt::format("address '{}': '{}' is neither an IPv4 nor an IPv6 address", text, host));
}

}  // namespace ogive::io
