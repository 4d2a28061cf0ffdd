#include <fmt/core.h>

#include <vector>

#include "io/file.h"

namespace ogive::io {
namespace {

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Status write_synced(FileSystem& files, const std::string& path, std::string_view content) {
  auto file = files.open(path, OpenMode::kCreate);
  if (!file) return fail(std::move(file).error());
  OGIVE_TRY((*file)->truncate(0));  // Left over from a crash.
  OGIVE_TRY((*file)->write_at(0, as_bytes(content)));
  return (*file)->sync_data();
}

}  // namespace

Status replace_file(FileSystem& files, const std::string& path, std::string_view content) {
  const std::string fresh = path + ".tmp";
  OGIVE_TRY(write_synced(files, fresh, content));
  // The old content is copied to .bak rather than renamed: at no moment is there no file under `path`.
  constexpr std::uint64_t kAnySize = UINT64_MAX;
  if (auto old = read_file(files, path, kAnySize); old && !old->empty()) {
    const std::string backup = path + ".bak";
    const std::string fresh_backup = backup + ".tmp";
    OGIVE_TRY(write_synced(files, fresh_backup, *old));
    OGIVE_TRY(files.rename(fresh_backup, backup));
  } else if (!old && old.error().code() != Errc::kNotFound) {
    return fail(std::move(old).error());
  }
  OGIVE_TRY(files.rename(fresh, path));
  return files.sync_directory(parent_of(path));
}

Status restore_backup(FileSystem& files, const std::string& path) {
  auto content = read_file(files, path + ".bak", UINT64_MAX);
  if (!content) return fail(std::move(content).error());
  const std::string fresh = path + ".tmp";
  OGIVE_TRY(write_synced(files, fresh, *content));
  if (files.info(path)) OGIVE_TRY(files.rename(path, path + ".broken"));
  OGIVE_TRY(files.rename(fresh, path));
  return files.sync_directory(parent_of(path));
}

Status create_directories_durably(FileSystem& files, const std::string& path) {
  std::vector<std::string> parents;  // Of what is missing, deepest first.
  for (std::string at = path; !files.info(at); at = parents.back()) {
    const std::string parent = parent_of(at);
    if (parent == at) break;
    parents.push_back(parent);
  }
  OGIVE_TRY(files.create_directories(path));
  // One more than was missing: whoever made the rest may have been killed before it could sync.
  parents.push_back(parent_of(parents.empty() ? path : parents.back()));
  for (const std::string& parent : parents) {
    Status synced = files.sync_directory(parent);
    if (!synced && synced.error().code() != Errc::kPermission) return synced;
  }
  return {};
}

Result<std::string> read_file(FileSystem& files, const std::string& path, std::uint64_t max_bytes) {
  auto file = files.open(path, OpenMode::kRead);
  if (!file) return fail(std::move(file).error());
  const auto size = (*file)->size();
  if (!size) return fail(size.error());
  if (*size > max_bytes) {
    return fail(Errc::kLimit, fmt::format("'{}' has {} bytes, more than the {} allowed", path, *size, max_bytes));
  }
  std::string content(*size, '\0');
  const auto got = (*file)->read_at(0, std::as_writable_bytes(std::span(content)));
  if (!got) return fail(got.error());
  content.resize(*got);
  return content;
}

}  // namespace ogive::io
