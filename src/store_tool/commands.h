#pragma once
// The commands of `ogive store`.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "store_tool/store_view.h"

namespace ogive::store_tool {

/// Which records a command is about.
struct Selection {
  std::int64_t from = 0;  ///< Physical offset.
  std::int64_t count = INT64_MAX;
  std::string topic;                    ///< "" for all.
  std::optional<std::int32_t> queue{};  ///< None for all.
  bool kept = false;                    ///< Of those recovery cut off or passed over (damagedlog), not of the log's.
};

struct Output {
  bool json = false;
};

/// Prints records, one a line (text) or one object a line (JSON). Exit status.
int dump(StoreView& view, const Selection& selection, const Output& output);
/// Prints figures by topic and queue.
int stat(StoreView& view, const Output& output);
/// Prints what check_store found; 0 sound, 3 repairable, 4 loss.
int check(StoreView& view, const Output& output);
/// Writes the selected records to `path`: as they are stored, one behind the other, or with `output.json` one object a
/// line with the body in Base64.
int export_records(StoreView& view, const Selection& selection, const std::string& path, const Output& output);
/// Checks, says what a repair would do and, with `write`, does it and checks again. Takes the view: the repair opens
/// the store itself.
int repair(std::unique_ptr<StoreView> view, bool write, const Output& output);

/// The program; `words` from the command's name on.
int run(const std::vector<std::string>& words);

}  // namespace ogive::store_tool
