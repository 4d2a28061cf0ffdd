#pragma once
// Reads and changes of the configuration by request, written through to the configuration file.

#include <mutex>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/settings/settings.h"
#include "io/file.h"

namespace ogive::namesrv {

/// Thread-safe; update() writes a file and belongs to the blocking lane.
class ConfigStore {
 public:
  ConfigStore(settings::Settings& settings, io::FileSystem& files);

  /// Takes `key=value` lines, all or none, and writes them into `configStorePath`, where comments, order and
  /// other keys stay as they are. kPermission for a key that must
  /// not change at run time, kInvalidArgument for a value that cannot be meant; an error of the file leaves the values
  /// in force.
  Status update(std::string_view text);
  /// `key=value` lines of every key.
  std::string text() const { return settings_.property_text(false); }
  const settings::Settings& settings() const { return settings_; }

 private:
  settings::Settings& settings_;
  io::FileSystem& files_;
  std::mutex updating_;
};

}  // namespace ogive::namesrv
