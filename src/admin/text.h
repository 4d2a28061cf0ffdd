#pragma once
// How mqadmin writes and reads small things: times, numbers, names.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"

namespace ogive::admin {

std::string_view trimmed(std::string_view text);
/// Line ends become blanks.
std::string one_line(std::string_view text);
/// The first `size` bytes, as tables cut long names.
std::string_view front(std::string_view text, std::size_t size);

/// "2026-11-23 21:22:22,490" and "2026-11-23 21:22:22": local time of Unix milliseconds.
std::string time_with_ms(std::int64_t unix_ms);
std::string time_to_second(std::int64_t unix_ms);
/// Unix milliseconds or "yyyy-MM-dd#HH:mm:ss:SSS" in local time; kInvalidArgument shows the text.
Result<std::int64_t> parse_time(std::string_view text);

/// As Java prints doubles: "0.0", "1.5E10".
std::string java_double(double value);
/// A leading number as Java reads it; 0 for anything else.
double leading_double(std::string_view text);
std::int64_t leading_integer(std::string_view text);

/// "RWX", "R--": permission bits of a topic.
std::string permission_text(std::int32_t permission);
/// "{a=1, b=2}": as Java prints maps.
std::string map_text(const std::map<std::string, std::string>& map);

}  // namespace ogive::admin
