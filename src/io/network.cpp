#include "io/network.h"

#include <fmt/core.h>

namespace ogive::io {

Status Stream::write_file(OutBuffer& head, FileRange range) {
  auto memory = std::make_shared_for_overwrite<std::byte[]>(range.size);
  auto got = range.file->read_at(range.offset, {memory.get(), range.size});
  if (got && *got != range.size) {
    got = fail(Errc::kCorrupt, fmt::format("a file to be sent ends {} bytes short", range.size - *got));
  }
  if (!got) {
    head.clear();
    return fail(std::move(got).error());
  }
  head.append_shared(memory, {memory.get(), range.size});
  write(head);
  return {};
}

}  // namespace ogive::io
