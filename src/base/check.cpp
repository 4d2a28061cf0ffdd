#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace ogive::detail {

void check_failed(const char* file, int line, const char* expression, const std::string& values) {
  std::fprintf(stderr, "%s:%d: contract broken: %s %s\n", file, line, expression, values.c_str());
  std::fflush(stderr);
  std::abort();
}

}  // namespace ogive::detail
