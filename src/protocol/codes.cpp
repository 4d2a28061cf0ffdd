#include "protocol/codes.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

namespace ogive::protocol {
namespace {

struct NamedCode {
  std::int32_t code;
  std::string_view name;
};

#define OGIVE_NAMED_CODE(constant, name, number) NamedCode{number, #name},
constexpr NamedCode kRequestCodes[] = {OGIVE_REQUEST_CODES(OGIVE_NAMED_CODE)};
constexpr NamedCode kResponseCodes[] = {OGIVE_RESPONSE_CODES(OGIVE_NAMED_CODE)};
#undef OGIVE_NAMED_CODE

constexpr bool by_code(const NamedCode& left, const NamedCode& right) {
  return left.code < right.code;
}
static_assert(std::is_sorted(std::begin(kRequestCodes), std::end(kRequestCodes), by_code));
static_assert(std::is_sorted(std::begin(kResponseCodes), std::end(kResponseCodes), by_code));

template <std::size_t N>
std::string_view name_in(const NamedCode (&codes)[N], std::int32_t code) {
  const auto found = std::lower_bound(std::begin(codes), std::end(codes), NamedCode{code, {}}, by_code);
  return found != std::end(codes) && found->code == code ? found->name : std::string_view("UNKNOWN");
}

constexpr std::array<std::string_view, 14> kLanguages = {"JAVA",   "CPP",  "DOTNET", "PYTHON", "DELPHI",
                                                         "ERLANG", "RUBY", "OTHER",  "HTTP",   "GO",
                                                         "PHP",    "OMS",  "RUST",   "NODE_JS"};

}  // namespace

std::string_view request_code_name(std::int32_t code) {
  return name_in(kRequestCodes, code);
}
std::string_view response_code_name(std::int32_t code) {
  return name_in(kResponseCodes, code);
}

bool is_known_request_code(std::int32_t code) {
  return std::binary_search(std::begin(kRequestCodes), std::end(kRequestCodes), NamedCode{code, {}}, by_code);
}

std::int32_t restore_request_code(std::int32_t truncated) {
  // The long codes' low halves start at 3442; smaller numbers are the hot ones and never truncated.
  if (truncated >= 0 && truncated < 3442) return truncated;
  if (is_known_request_code(truncated)) return truncated;
  for (auto known = std::rbegin(kRequestCodes); known != std::rend(kRequestCodes) && known->code > 0xffff; ++known) {
    if (static_cast<std::int16_t>(known->code) == truncated) return known->code;
  }
  return truncated;
}

std::string_view language_name(std::int32_t language) {
  if (language < 0 || static_cast<std::size_t>(language) >= kLanguages.size()) return "OTHER";
  return kLanguages[static_cast<std::size_t>(language)];
}

std::int32_t language_from_name(std::string_view name) {
  if (name == "JAVA") return language::kJava;
  for (std::size_t i = 0; i < kLanguages.size(); ++i) {
    if (kLanguages[i] == name) return static_cast<std::int32_t>(i);
  }
  std::int32_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  const bool valid = error == std::errc() && end == name.data() + name.size() && number >= 0 &&
                     static_cast<std::size_t>(number) < kLanguages.size();
  return valid ? number : language::kOther;
}

}  // namespace ogive::protocol
