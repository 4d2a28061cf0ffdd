#include "store/owner_mark.h"

#include <array>
#include <string_view>

#include "base/bytes.h"

namespace ogive::store {
namespace {

constexpr std::string_view kMark = "ogive 1\n";

}  // namespace

Result<bool> is_marked(io::FileSystem& files, const std::string& lock_path) {
  auto file = files.open(lock_path, io::OpenMode::kRead);
  if (!file) {
    if (file.error().code() == Errc::kNotFound) return false;
    return fail(std::move(file).error());
  }
  std::array<std::byte, kMark.size()> found{};
  auto count = (*file)->read_at(0, found);
  if (!count) return fail(std::move(count).error());
  return as_chars(ByteView(found).first(*count)) == kMark;
}

Status mark(io::FileSystem& files, const std::string& lock_path) {
  auto file = files.open(lock_path, io::OpenMode::kCreate);
  if (!file) return fail(std::move(file).error());
  OGIVE_TRY((*file)->write_at(0, as_bytes(kMark)));
  return (*file)->sync_data();
}

}  // namespace ogive::store
