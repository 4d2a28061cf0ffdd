#pragma once
// Contracts that stay on in release. For our own bugs only, never for what a peer, a disk or a user supplies.

#include <fmt/core.h>

#include <string>
#include <string_view>

namespace ogive::detail {
[[noreturn]] void check_failed(const char* file, int line, const char* expression, const std::string& values);
}  // namespace ogive::detail

/// Aborts with file, line and the expression when `condition` is false.
#define OGIVE_CHECK(condition)                                                      \
  do {                                                                              \
    if (!(condition)) [[unlikely]]                                                  \
      ::ogive::detail::check_failed(__FILE__, __LINE__, #condition, std::string()); \
  } while (false)

/// The same with the operands in the message: OGIVE_CHECK_MSG(a <= b, "a={} b={}", a, b).
#define OGIVE_CHECK_MSG(condition, ...)                                                          \
  do {                                                                                           \
    if (!(condition)) [[unlikely]]                                                               \
      ::ogive::detail::check_failed(__FILE__, __LINE__, #condition, ::fmt::format(__VA_ARGS__)); \
  } while (false)
