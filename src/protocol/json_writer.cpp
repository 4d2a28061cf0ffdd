#include "protocol/json_writer.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <iterator>

#include "protocol/json_text.h"

namespace ogive::protocol {
namespace {

/// The next code point of UTF-8 text; bytes that are no UTF-8 become '?'.
std::uint32_t take_code_point(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = lead < 0x80 ? 1 : lead >> 5 == 0x6 ? 2 : lead >> 4 == 0xe ? 3 : lead >> 3 == 0x1e ? 4 : 0;
  if (size == 0 || size > text.size()) {
    text.remove_prefix(1);
    return '?';
  }
  std::uint32_t point = size == 1 ? lead : lead & (0x7fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0) != 0x80) {
      text.remove_prefix(1);
      return '?';
    }
    point = point << 6 | (next & 0x3f);
  }
  text.remove_prefix(size);
  return point;
}

std::string to_ascii(std::string_view quoted) {
  std::string ascii;
  while (!quoted.empty()) {
    const std::uint32_t point = take_code_point(quoted);
    if (point < 0x80) {
      ascii += static_cast<char>(point);
    } else if (point < 0x10000) {
      fmt::format_to(std::back_inserter(ascii), "\\u{:04x}", point);
    } else {
      fmt::format_to(std::back_inserter(ascii), "\\u{:04x}\\u{:04x}", 0xd800 + ((point - 0x10000) >> 10),
                     0xdc00 + ((point - 0x10000) & 0x3ff));
    }
  }
  return ascii;
}

}  // namespace

void JsonWriter::new_line() {
  if (!style_.pretty) return;
  out_ += '\n';
  out_.append(static_cast<std::size_t>(depth_), '\t');
}

void JsonWriter::separate() {
  if (!empty_) out_ += ',';
  empty_ = false;
  new_line();
}

void JsonWriter::open(char bracket) {
  out_ += bracket;
  empty_ = true;
  ++depth_;
}

void JsonWriter::close(char bracket) {
  --depth_;
  if (!empty_) new_line();
  out_ += bracket;
  empty_ = false;
}

void JsonWriter::key(std::string_view name) {
  separate();
  string(name);
  out_ += ':';
}

void JsonWriter::integer_key(std::int64_t number) {
  separate();
  if (style_.quoted_integer_keys) out_ += '"';
  integer(number);
  if (style_.quoted_integer_keys) out_ += '"';
  out_ += ':';
}

void JsonWriter::begin_object_key() {
  separate();
}
void JsonWriter::element() {
  separate();
}

void JsonWriter::string(std::string_view text) {
  if (!style_.ascii_only) {
    append_quoted(out_, text);
    return;
  }
  std::string quoted;
  append_quoted(quoted, text);
  out_ += to_ascii(quoted);
}

void JsonWriter::integer(std::int64_t number) {
  fmt::format_to(std::back_inserter(out_), "{}", number);
}

void JsonWriter::number(double value) {
  if (!std::isfinite(value)) {
    null();
    return;
  }
  const double size = std::fabs(value);
  char buffer[40];
  const bool plain = size == 0 || (size >= 1e-3 && size < 1e7);
  const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  std::string_view text(
      buffer, static_cast<std::size_t>(std::to_chars(buffer, buffer + sizeof buffer, value, format).ptr - buffer));
  if (plain) {
    out_ += text;
    if (text.find('.') == std::string_view::npos) out_ += ".0";
    return;
  }
  const std::size_t e = text.find('e');
  out_ += text.substr(0, e);
  if (text.substr(0, e).find('.') == std::string_view::npos) out_ += ".0";
  out_ += 'E';
  std::string_view exponent = text.substr(e + 1);
  if (exponent.starts_with('-')) out_ += '-';
  exponent.remove_prefix(1);
  while (exponent.size() > 1 && exponent.starts_with('0')) exponent.remove_prefix(1);
  out_ += exponent;
}

}  // namespace ogive::protocol
