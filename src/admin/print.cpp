#include "admin/print.h"

#include <fmt/format.h>

#include <ostream>

namespace ogive::admin {

void vprint(std::ostream& out, fmt::string_view format, fmt::format_args arguments) {
  fmt::memory_buffer text;
  fmt::vformat_to(fmt::appender(text), format, arguments);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
}

}  // namespace ogive::admin
