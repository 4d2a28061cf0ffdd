#include "protocol/json_text.h"

#include <array>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace ogive::protocol {
namespace {

/// Bytes each character needs in a literal: 1, 2 (short escape) or 6 (\u00XX).
constexpr std::array<std::uint8_t, 256> kEscapedBytes = [] {
  std::array<std::uint8_t, 256> bytes{};
  for (std::size_t c = 0; c < bytes.size(); ++c) bytes[c] = c < 0x20 ? 6 : 1;
  for (char c : {'"', '\\', '\b', '\f', '\n', '\r', '\t'}) bytes[static_cast<unsigned char>(c)] = 2;
  return bytes;
}();

char short_escape(char c) {
  switch (c) {
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return c;
  }
}

/// The length of the prefix of `text` that needs no escape.
std::size_t plain_prefix(const char* from, std::size_t size) {
  std::size_t i = 0;
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i last_control = _mm_set1_epi8(0x1f);
  for (; i + 16 <= size; i += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(block, last_control), block);
    const __m128i special = _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash));
    const int mask = _mm_movemask_epi8(_mm_or_si128(control, special));
    if (mask != 0) return i + static_cast<std::size_t>(__builtin_ctz(static_cast<unsigned>(mask)));
  }
#endif
  while (i < size && kEscapedBytes[static_cast<unsigned char>(from[i])] == 1) ++i;
  return i;
}

/// Values of hex digits; every other character has a high bit.
constexpr std::array<std::uint8_t, 256> kHexDigits = [] {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(0x80);
  for (std::size_t i = 0; i < 10; ++i) digits['0' + i] = static_cast<std::uint8_t>(i);
  for (std::size_t i = 0; i < 6; ++i) digits['a' + i] = digits['A' + i] = static_cast<std::uint8_t>(10 + i);
  return digits;
}();

int hex_digit(char c) {
  return kHexDigits[static_cast<unsigned char>(c)];
}

/// The number of the four hex digits at `from`, or -1.
int hex4(const char* from, const char* end) {
  if (end - from < 4) return -1;
  const int a = hex_digit(from[0]);
  const int b = hex_digit(from[1]);
  const int c = hex_digit(from[2]);
  const int d = hex_digit(from[3]);
  if (((a | b | c | d) & 0x80) != 0) return -1;
  return a << 12 | b << 8 | c << 4 | d;
}

char* write_utf8(char* to, std::uint32_t point) {
  if (point < 0x80) {
    *to++ = static_cast<char>(point);
  } else if (point < 0x800) {
    *to++ = static_cast<char>(0xc0 | point >> 6);
    *to++ = static_cast<char>(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    *to++ = static_cast<char>(0xe0 | point >> 12);
    *to++ = static_cast<char>(0x80 | (point >> 6 & 0x3f));
    *to++ = static_cast<char>(0x80 | (point & 0x3f));
  } else {
    *to++ = static_cast<char>(0xf0 | point >> 18);
    *to++ = static_cast<char>(0x80 | (point >> 12 & 0x3f));
    *to++ = static_cast<char>(0x80 | (point >> 6 & 0x3f));
    *to++ = static_cast<char>(0x80 | (point & 0x3f));
  }
  return to;
}

/// Undoes a \uXXXX escape (a pair of them for a surrogate pair); `from` points behind the 'u'. Nullptr when malformed.
const char* unescape_unicode(const char* from, const char* end, char*& to) {
  const int unit = hex4(from, end);
  if (unit < 0) return nullptr;
  from += 4;
  if (unit < 0xd800 || unit > 0xdfff) {
    to = write_utf8(to, static_cast<std::uint32_t>(unit));
    return from;
  }
  if (unit < 0xdc00 && end - from >= 6 && from[0] == '\\' && from[1] == 'u') {
    const int low = hex4(from + 2, end);
    if (low >= 0xdc00 && low <= 0xdfff) {
      to = write_utf8(
          to, 0x10000u + (static_cast<std::uint32_t>(unit - 0xd800) << 10) + static_cast<std::uint32_t>(low - 0xdc00));
      return from + 6;
    }
  }
  *to++ = '?';
  return from;
}

/// Undoes one escape; `from` points behind the backslash. Nullptr when malformed.
const char* unescape_one(const char* from, const char* end, char*& to) {
  if (from == end) return nullptr;
  const char c = *from++;
  switch (c) {
    case 'u':
      return unescape_unicode(from, end, to);
    case '"':
    case '\\':
    case '/':
    case '\'':  // Not JSON, but older fastjson versions write it.
      *to++ = c;
      return from;
    case 'b':
      *to++ = '\b';
      return from;
    case 'f':
      *to++ = '\f';
      return from;
    case 'n':
      *to++ = '\n';
      return from;
    case 'r':
      *to++ = '\r';
      return from;
    case 't':
      *to++ = '\t';
      return from;
    default:
      return nullptr;
  }
}

}  // namespace

const char* unescape_literal(const char* from, const char* end, char*& to) {
  for (;;) {
#if defined(__SSE2__)
    // Copies while it looks: there is always as much room at `to` as is left at `from`.
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i backslash = _mm_set1_epi8('\\');
    unsigned mask = 0;
    while (mask == 0 && end - from >= 16) {
      const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to), block);
      mask = static_cast<unsigned>(
          _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash))));
      const int step = mask == 0 ? 16 : __builtin_ctz(mask);
      from += step;
      to += step;
    }
#endif
    while (from != end && *from != '"' && *from != '\\') *to++ = *from++;
    if (from == end) return nullptr;
    if (*from == '"') return from;
    // The separators of message properties: \u0001 and \u0002.
    if (end - from >= 6 && std::memcmp(from, "\\u000", 5) == 0 && from[5] <= '9' && from[5] >= '0') {
      *to++ = static_cast<char>(from[5] - '0');
      from += 6;
      continue;
    }
    from = unescape_one(from + 1, end, to);
    if (from == nullptr) return nullptr;
  }
}

std::size_t escaped_size(std::string_view text) {
  std::size_t i = plain_prefix(text.data(), text.size());
  std::size_t size = i;
  for (; i < text.size(); ++i) size += kEscapedBytes[static_cast<unsigned char>(text[i])];
  return size;
}

char* write_escaped(char* to, std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  while (!text.empty()) {
    const std::size_t plain = plain_prefix(text.data(), text.size());
    std::memcpy(to, text.data(), plain);
    to += plain;
    if (plain == text.size()) break;
    const char c = text[plain];
    *to++ = '\\';
    if (kEscapedBytes[static_cast<unsigned char>(c)] == 2) {
      *to++ = short_escape(c);
    } else {
      std::memcpy(to, "u00", 3);
      to[3] = kDigits[static_cast<unsigned char>(c) >> 4];
      to[4] = kDigits[static_cast<unsigned char>(c) & 0xf];
      to += 5;
    }
    text.remove_prefix(plain + 1);
  }
  return to;
}

void append_quoted(std::string& out, std::string_view text) {
  const std::size_t begin = out.size();
  out.resize(begin + escaped_size(text) + 2);
  out[begin] = '"';
  *write_escaped(out.data() + begin + 1, text) = '"';
}

}  // namespace ogive::protocol
