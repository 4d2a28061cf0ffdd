#pragma once
// A mark in the store's `lock` file that no other server leaves alone: RocketMQ writes "lock" over its beginning
// whenever it starts on a store. Blocking.

#include <string>

#include "base/error.h"
#include "io/file.h"

namespace ogive::store {

/// Whether no other server has started on the store since it was marked.
Result<bool> is_marked(io::FileSystem& files, const std::string& lock_path);
/// Durable when it returns.
Status mark(io::FileSystem& files, const std::string& lock_path);

}  // namespace ogive::store
