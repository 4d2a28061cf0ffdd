#pragma once
// Compares everything a store says with everything else it says.

#include "base/error.h"
#include "store_tool/report.h"
#include "store_tool/store_view.h"

namespace ogive::store_tool {

/// Reads the whole log and every view of it: records (size, parts, place, body CRC), consume-queue entries, index
/// entries, checkpoint, and the broker's configuration files. Errors only where nothing can be read.
Result<Report> check_store(StoreView& view);

}  // namespace ogive::store_tool
