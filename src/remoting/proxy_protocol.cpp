#include "remoting/proxy_protocol.h"

#include <fmt/core.h>

#include <charconv>
#include <string_view>
#include <vector>

namespace ogive::remoting {
namespace {

constexpr std::string_view kTextMark = "PROXY ";
constexpr std::string_view kBinaryMark("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kMaxTextBytes = 107;     // As the specification bounds a v1 line.
constexpr std::size_t kMaxBinaryBytes = 4096;  // Addresses and TLVs together.

bool begins_like(std::string_view data, std::string_view mark) {
  const std::size_t common = std::min(data.size(), mark.size());
  return data.substr(0, common) == mark.substr(0, common);
}

Result<ProxyHeader> parse_text(std::string_view data) {
  const std::size_t end = data.find("\r\n");
  if (end == std::string_view::npos || end + 2 > kMaxTextBytes) {
    if (data.size() >= kMaxTextBytes) return fail(Errc::kCorrupt, "PROXY header line is longer than 107 bytes");
    return ProxyHeader{.incomplete = true};
  }
  std::vector<std::string_view> words;
  std::string_view rest = data.substr(0, end);
  while (!rest.empty()) {
    const std::size_t space = rest.find(' ');
    words.push_back(rest.substr(0, space));
    rest.remove_prefix(space == std::string_view::npos ? rest.size() : space + 1);
  }
  ProxyHeader header{.bytes = end + 2};
  if (words.size() >= 2 && words[1] == "UNKNOWN") return header;
  if (words.size() != 6 || (words[1] != "TCP4" && words[1] != "TCP6")) {
    return fail(Errc::kCorrupt, fmt::format("PROXY header line has {} words of an unknown form", words.size()));
  }
  const bool v6 = words[1] == "TCP6";
  auto source =
      io::Endpoint::parse(v6 ? fmt::format("[{}]:{}", words[2], words[4]) : fmt::format("{}:{}", words[2], words[4]));
  if (!source) return fail(Errc::kCorrupt, "PROXY header: " + source.error().message());
  header.source = *source;
  return header;
}

Result<ProxyHeader> parse_binary(ByteView data) {
  if (data.size() < 16) return ProxyHeader{.incomplete = true};
  const auto version_command = std::to_integer<unsigned>(data[12]);
  const auto family = std::to_integer<unsigned>(data[13]) >> 4;
  const std::size_t size = load_be<std::uint16_t>(data.data() + 14);
  if (version_command >> 4 != 2) return fail(Errc::kCorrupt, "PROXY header has a version other than 2");
  if (size > kMaxBinaryBytes) return fail(Errc::kCorrupt, fmt::format("PROXY header announces {} bytes", size));
  if (data.size() < 16 + size) return ProxyHeader{.incomplete = true};
  ProxyHeader header{.bytes = 16 + size};
  const bool local = (version_command & 15) == 0;
  const std::size_t address_size = family == 1 ? 4 : family == 2 ? 16 : 0;
  if (local || address_size == 0) return header;
  if (size < address_size * 2 + 4) return fail(Errc::kCorrupt, "PROXY header is shorter than its addresses");
  io::Endpoint source;
  source.address_size = static_cast<std::uint8_t>(address_size);
  std::memcpy(source.address.data(), data.data() + 16, address_size);
  source.port = load_be<std::uint16_t>(data.data() + 16 + address_size * 2);
  header.source = source;
  return header;
}

}  // namespace

Result<ProxyHeader> parse_proxy_header(ByteView data) {
  const std::string_view text = as_chars(data);
  if (begins_like(text, kTextMark)) {
    return text.size() < kTextMark.size() ? ProxyHeader{.incomplete = true} : parse_text(text);
  }
  if (begins_like(text, kBinaryMark)) {
    return text.size() < kBinaryMark.size() ? ProxyHeader{.incomplete = true} : parse_binary(data);
  }
  return ProxyHeader{};
}

}  // namespace ogive::remoting
