#include "io/file.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

namespace ogive::io {

Status File::prefetch(std::uint64_t offset, std::size_t count, std::size_t /*ahead*/) const {
  std::vector<std::byte> bytes(count);
  auto got = read_at(offset, bytes);
  if (!got) return fail(std::move(got).error());
  if (*got == count) return {};
  return fail(Errc::kCorrupt, fmt::format("the file ends {} bytes short", count - *got));
}

}  // namespace ogive::io
