#pragma once
// JSON string literals at the byte level: finding their end, undoing and applying escapes. Shared by the header parser,
// the header writer and the body reader and writer.

#include <cstddef>
#include <string>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace ogive::protocol {

/// The first '"' or '\\' in [from, end), or end.
inline const char* find_quote_or_backslash(const char* from, const char* end) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  for (; end - from >= 16; from += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    const int mask = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash)));
    if (mask != 0) return from + __builtin_ctz(static_cast<unsigned>(mask));
  }
#endif
  while (from != end && *from != '"' && *from != '\\') ++from;
  return from;
}

/// Undoes the escapes of a literal's content. `from` points behind the opening quote, `to` at room for as many bytes as
/// are left; answers where the content ends in `from` (at the closing quote) or nullptr when the literal is malformed
/// or open, and moves `to` behind what was written. Lone surrogates become '?', as Java's UTF-8 encoder writes them.
const char* unescape_literal(const char* from, const char* end, char*& to);

/// How many bytes `text` needs inside quotes: '"', '\\' and control characters below 0x20 are escaped, nothing else.
std::size_t escaped_size(std::string_view text);
/// Writes the escaped text to `to`, which has escaped_size(text) bytes; returns behind it.
char* write_escaped(char* to, std::string_view text);
/// Appends `text` escaped and quoted.
void append_quoted(std::string& out, std::string_view text);

}  // namespace ogive::protocol
