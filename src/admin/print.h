#pragma once
// Formatted text to a stream.

#include <fmt/core.h>

#include <iosfwd>
#include <utility>

namespace ogive::admin {

void vprint(std::ostream& out, fmt::string_view format, fmt::format_args arguments);

/// As fmt::print of <fmt/ostream.h>, which would compile all of fmt's formatting anew in every command.
template <class... Args>
void print(std::ostream& out, fmt::format_string<Args...> format, Args&&... args) {
  vprint(out, format, fmt::make_format_args(args...));
}

}  // namespace ogive::admin
