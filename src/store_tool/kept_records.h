#pragma once
// Records that recovery cut off the log or passed over, in the store's `damagedlog` (docs/formats/small-files.md).

#include <string>

#include "base/error.h"
#include "io/file.h"
#include "store_tool/store_view.h"

namespace ogive::store_tool {

/// Visits every intact record in those files, whatever lies between them, file after file by offset; the same record
/// may be in several. A visitor's kCancelled ends the walk. No such directory is no error. Blocking.
Status walk_kept(io::FileSystem& files, const std::string& root, const StoreView::Visitor& visit);

}  // namespace ogive::store_tool
