#pragma once
// Directories whose names survive power loss.

#include <string>

#include "base/error.h"
#include "io/file.h"

namespace ogive::store {

/// Makes `path` and what is missing above it, and syncs every directory on the way: also names that a process which
/// died had made but not synced. Ancestors that may not be read are taken as they are. Blocking.
Status create_durable_directories(io::FileSystem& files, const std::string& path);

}  // namespace ogive::store
