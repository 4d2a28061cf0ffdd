#include "store/durable_directory.h"

namespace ogive::store {

Status create_durable_directories(io::FileSystem& files, const std::string& path) {
  OGIVE_TRY(files.create_directories(path));
  std::string at = path;
  while (!at.empty() && at.back() == '/') at.pop_back();
  for (;;) {
    const std::size_t slash = at.rfind('/');
    const std::string parent = slash == std::string::npos ? "." : slash == 0 ? "/" : at.substr(0, slash);
    if (Status status = files.sync_directory(parent); !status) {
      // Above the first one that is closed to us nothing is ours.
      return status.error().code() == Errc::kPermission ? Status() : status;
    }
    if (slash == std::string::npos || slash == 0) return {};
    at.resize(slash);
  }
}

}  // namespace ogive::store
