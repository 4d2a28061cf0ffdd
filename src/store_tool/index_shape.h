#pragma once
// The shape of an index file whose broker's configuration is not at hand.

#include <optional>
#include <string>

#include "io/file.h"
#include "store/index/index_format.h"

namespace ogive::store_tool {

/// The shape that the file's size and content agree with: its header does not say it. Nothing for a file without
/// entries, and for one that fits no shape. Reads the file once.
Result<std::optional<store::IndexShape>> find_index_shape(io::FileSystem& files, const std::string& path);

}  // namespace ogive::store_tool
