#include "admin/command.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "admin/print.h"
#include "admin/text.h"

namespace ogive::admin {

std::optional<std::string> Context::given(std::string_view option) const {
  auto value = line_.value(option);
  if (!value) return std::nullopt;
  return std::string(trimmed(*value));
}

std::string Context::text(std::string_view option) const {
  return given(option).value_or("");
}

bool Context::is_true(std::string_view option) const {
  const std::string value = text(option);
  return std::ranges::equal(value, std::string_view("true"),
                            [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
}

Result<std::int64_t> Context::number(std::string_view option, std::int64_t otherwise) const {
  const auto value = given(option);
  if (!value) return otherwise;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
  if (error == std::errc{} && end == value->data() + value->size() && !value->empty()) return number;
  return fail(Errc::kInvalidArgument, fmt::format("option -{}: '{}' is not a whole number", option, *value));
}

Result<std::int32_t> Context::small_number(std::string_view option, std::int32_t otherwise) const {
  const auto value = number(option, otherwise);
  if (!value) return fail(value.error());
  if (*value >= std::numeric_limits<std::int32_t>::min() && *value <= std::numeric_limits<std::int32_t>::max()) {
    return static_cast<std::int32_t>(*value);
  }
  return fail(Errc::kInvalidArgument, fmt::format("option -{}: {} is out of range", option, *value));
}

void Context::report(const Error& error) {
  reported_ = true;
  print(errors_, "mqadmin: {}\n", one_line(error.message()));
}

Status repeat_by_interval(Context& context, std::string_view option, Status (*once)(Context&)) {
  const auto seconds = context.number(option, 0);
  if (!seconds) return fail(seconds.error());
  OGIVE_TRY(once(context));
  while (context.has(option)) {
    context.out.flush();
    context.cluster.pause(Milliseconds(*seconds * 1000));
    OGIVE_TRY(once(context));
  }
  return {};
}

}  // namespace ogive::admin
