#pragma once
// Checks a configuration value against its row. Pure; any thread.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/settings/setting_table.h"

namespace ogive::settings {

/// The value as Settings keeps it: blanks around it gone, and the number it stands for (0 for texts; 0 or 1 for
/// booleans; the bits of a double).
struct CheckedValue {
  std::string text;
  std::int64_t number = 0;
};

/// kInvalidArgument with a sentence that names the value and what is allowed ("70000 is not within 0 to 65535").
Result<CheckedValue> check_value(const SettingRow& row, std::string_view text);

/// The number of single-character changes between two words, `limit` + 1 when there are more.
int edit_distance(std::string_view a, std::string_view b, int limit);

}  // namespace ogive::settings
