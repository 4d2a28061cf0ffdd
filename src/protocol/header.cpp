#include "protocol/header.h"

#include <fmt/core.h>

#include "protocol/decimal.h"

namespace ogive::protocol::detail {
namespace {

template <class Number>
bool parse_number(std::string_view text, Number& out) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  return parse_decimal(text, out);
}

}  // namespace

bool parse_field(std::string_view text, std::int32_t& out) {
  return parse_number(text, out);
}
bool parse_field(std::string_view text, std::int64_t& out) {
  return parse_number(text, out);
}

bool parse_field(std::string_view text, bool& out) {
  static constexpr std::string_view kTrue = "true";
  out = text.size() == kTrue.size();
  for (std::size_t i = 0; out && i < kTrue.size(); ++i) out = (text[i] | 0x20) == kTrue[i];
  return true;
}

std::unexpected<Error> missing_field(std::string_view name) {
  return fail(Errc::kInvalidArgument, fmt::format("the custom field <{}> is null", name));
}

std::unexpected<Error> bad_field(std::string_view name, std::string_view value) {
  return fail(Errc::kInvalidArgument,
              fmt::format("the custom field <{}> is no number of its size: \"{}\"", name, value.substr(0, 64)));
}

}  // namespace ogive::protocol::detail
