#include "admin/text.h"

#include <fmt/chrono.h>
#include <fmt/core.h>

#include <charconv>
#include <cstdio>
#include <ctime>

#include "protocol/json_writer.h"

namespace ogive::admin {
namespace {

std::tm local(std::int64_t unix_ms) {
  const auto seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  return parts;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string one_line(std::string_view text) {
  std::string line(trimmed(text));
  for (char& c : line) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return line;
}

std::string_view front(std::string_view text, std::size_t size) {
  return text.substr(0, size);
}

std::string time_with_ms(std::int64_t unix_ms) {
  return fmt::format("{:%Y-%m-%d %H:%M:%S},{:03}", local(unix_ms), unix_ms % 1000);
}

std::string time_to_second(std::int64_t unix_ms) {
  return fmt::format("{:%Y-%m-%d %H:%M:%S}", local(unix_ms));
}

Result<std::int64_t> parse_time(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size()) return number;
  std::tm parts{};
  int ms = 0;
  int used = 0;
  const std::string copy(text);
  const int read = std::sscanf(copy.c_str(), "%4d-%2d-%2d#%2d:%2d:%2d:%3d%n", &parts.tm_year, &parts.tm_mon,
                               &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &ms, &used);
  if (read != 7 || static_cast<std::size_t>(used) != text.size()) {
    return fail(Errc::kInvalidArgument,
                fmt::format("'{}' is no time; write milliseconds since 1970 or yyyy-MM-dd#HH:mm:ss:SSS", text));
  }
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  parts.tm_isdst = -1;
  return static_cast<std::int64_t>(::mktime(&parts)) * 1000 + ms;
}

std::string java_double(double value) {
  std::string text;
  protocol::JsonWriter(text).number(value);
  return text;
}

double leading_double(std::string_view text) {
  text = trimmed(text);
  double value = 0;
  (void)std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::int64_t leading_integer(std::string_view text) {
  text = trimmed(text);
  std::int64_t value = 0;
  (void)std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string permission_text(std::int32_t permission) {
  std::string text = "---";
  if ((permission & 4) != 0) text[0] = 'R';
  if ((permission & 2) != 0) text[1] = 'W';
  if ((permission & 1) != 0) text[2] = 'X';
  return text;
}

std::string map_text(const std::map<std::string, std::string>& map) {
  std::string text;
  for (const auto& [key, value] : map) text += fmt::format("{}{}={}", text.empty() ? "" : ", ", key, value);
  return "{" + text + "}";
}

}  // namespace ogive::admin
