#pragma once
// Where the checkout lies, for tests that read files of it. Not a macro of the build: an absolute path on the command
// line would keep ccache from sharing test objects between checkouts.

#include <filesystem>
#include <string>

namespace ogive {

/// The checkout this test program was built in: the nearest folder above the program that holds CMakePresets.json; the
/// current folder when there is none.
inline std::string source_dir() {
  std::error_code error;
  auto folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  for (; !folder.empty() && folder != folder.root_path(); folder = folder.parent_path()) {
    if (std::filesystem::exists(folder / "CMakePresets.json")) return folder.string();
  }
  return ".";
}

}  // namespace ogive
