#pragma once
// Changes of the configuration at run time, and the file in which they survive. UPDATE_BROKER_CONFIG (25).

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/settings/settings.h"
#include "io/file.h"

namespace ogive::broker {

/// Thread-safe. In the file only the values that were asked for change, at their places; comments and order stay. The
/// original writes every key instead. The previous content stays as `.bak`.
class ConfigFile {
 public:
  /// `default_path` is written when brokerConfigPath names no file. Everything must outlive this.
  static constexpr std::uint64_t kMaxBytes = 4u << 20;

  ConfigFile(settings::Settings& settings, io::FileSystem& files, std::string default_path)
      : settings_(settings), files_(files), default_path_(std::move(default_path)) {}

  /// Applies `key=value` lines, all or none (see Settings::update), and writes the file. kPermission also for keys that
  /// name files or the list of such keys. Unknown keys are not kept. An error of the file comes
  /// after the change took effect and says so. Blocking.
  Result<std::vector<settings::Problem>> update(std::string_view lines);

 private:
  settings::Settings& settings_;
  io::FileSystem& files_;
  const std::string default_path_;
  std::mutex updating_;
};

}  // namespace ogive::broker
