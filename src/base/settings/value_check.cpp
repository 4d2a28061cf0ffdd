#include "base/settings/value_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <numeric>
#include <vector>

namespace ogive::settings {
namespace {

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n\f");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n\f") - first + 1);
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

std::string allowed_range(const SettingRow& row, double type_min, double type_max) {
  return fmt::format("{:.0f} to {:.0f}", std::max(row.min, type_min), std::min(row.max, type_max));
}

Result<CheckedValue> check_bool(std::string_view text) {
  if (equals_ignoring_case(text, "true")) return CheckedValue{"true", 1};
  if (equals_ignoring_case(text, "false")) return CheckedValue{"false", 0};
  return fail(Errc::kInvalidArgument, fmt::format("'{}' is neither true nor false", text));
}

Result<CheckedValue> check_integer(const SettingRow& row, std::string_view text) {
  const bool narrow = row.type == SettingType::kInt32;
  const auto type_min = narrow ? static_cast<double>(INT32_MIN) : static_cast<double>(INT64_MIN);
  const auto type_max = narrow ? static_cast<double>(INT32_MAX) : static_cast<double>(INT64_MAX);
  std::string_view digits = text;
  if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-') digits.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error == std::errc::result_out_of_range && end == digits.data() + digits.size()) {
    return fail(Errc::kInvalidArgument,
                fmt::format("{} is not within {}", text, allowed_range(row, type_min, type_max)));
  }
  if (error != std::errc() || end != digits.data() + digits.size() || digits.empty()) {
    return fail(Errc::kInvalidArgument,
                fmt::format("'{}' is not a whole number ({})", text, allowed_range(row, type_min, type_max)));
  }
  const auto value = static_cast<double>(number);
  const bool outside_type = narrow && (number < INT32_MIN || number > INT32_MAX);
  if (outside_type || value < row.min || value > row.max) {
    return fail(Errc::kInvalidArgument,
                fmt::format("{} is not within {}", text, allowed_range(row, type_min, type_max)));
  }
  return CheckedValue{std::to_string(number), number};
}

Result<CheckedValue> check_double(const SettingRow& row, std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.empty() || !(number >= row.min) ||
      !(number <= row.max)) {
    return fail(Errc::kInvalidArgument, fmt::format("'{}' is not a number within {} to {}", text, row.min, row.max));
  }
  return CheckedValue{std::string(text), std::bit_cast<std::int64_t>(number)};
}

Result<CheckedValue> check_enum(const SettingRow& row, std::string_view text) {
  std::string_view rest = row.allowed;
  while (!rest.empty()) {
    const std::size_t bar = std::min(rest.find('|'), rest.size());
    if (rest.substr(0, bar) == text) return CheckedValue{std::string(text), 0};
    rest.remove_prefix(std::min(bar + 1, rest.size()));
  }
  std::string allowed(row.allowed);
  for (std::size_t at = 0; (at = allowed.find('|', at)) != std::string::npos; at += 2) allowed.replace(at, 1, ", ");
  return fail(Errc::kInvalidArgument, fmt::format("'{}' is not one of {}", text, allowed));
}

}  // namespace

Result<CheckedValue> check_value(const SettingRow& row, std::string_view text) {
  text = trim(text);
  switch (row.type) {
    case SettingType::kBool:
      return check_bool(text);
    case SettingType::kInt32:
    case SettingType::kInt64:
      return check_integer(row, text);
    case SettingType::kDouble:
      return check_double(row, text);
    case SettingType::kEnum:
      return check_enum(row, text);
    case SettingType::kString:
      break;
  }
  return CheckedValue{std::string(text), 0};
}

int edit_distance(std::string_view a, std::string_view b, int limit) {
  const auto difference = static_cast<int>(a.size()) - static_cast<int>(b.size());
  if (difference > limit || -difference > limit) return limit + 1;
  std::vector<int> previous(b.size() + 1);
  std::iota(previous.begin(), previous.end(), 0);
  std::vector<int> current(b.size() + 1);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int replaced = previous[j - 1] + ((a[i - 1] | 0x20) == (b[j - 1] | 0x20) ? 0 : 1);
      current[j] = std::min({replaced, previous[j] + 1, current[j - 1] + 1});
    }
    std::swap(previous, current);
  }
  return std::min(previous[b.size()], limit + 1);
}

}  // namespace ogive::settings
