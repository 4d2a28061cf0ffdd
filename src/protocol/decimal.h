#pragma once
// Decimal numbers of headers.

#include <charconv>
#include <concepts>
#include <limits>
#include <string_view>
#include <system_error>

namespace ogive::protocol {

/// Reads `text`, all of it, as a decimal number with an optional '-'; false for anything else and for what `out` cannot
/// hold. Short numbers without a sign, which is nearly all there are, take a tenth of what from_chars does.
template <std::signed_integral Number>
bool parse_decimal(std::string_view text, Number& out) {
  if (!text.empty() && text.size() <= std::numeric_limits<Number>::digits10) {
    Number value = 0;
    for (std::size_t i = 0;; ++i) {
      if (i == text.size()) {
        out = value;
        return true;
      }
      const unsigned digit = static_cast<unsigned char>(text[i]) - unsigned{'0'};
      if (digit > 9) break;
      value = static_cast<Number>(value * 10 + static_cast<Number>(digit));
    }
  }
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, out);
  return error == std::errc() && stop == end;
}

}  // namespace ogive::protocol
