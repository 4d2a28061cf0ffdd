#pragma once
// What `mqnamesrv` does before it serves: options, configuration file, and what it prints about them. No sockets, no
// threads.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/settings/settings.h"
#include "io/file.h"

namespace ogive::namesrv {

/// The outcome of reading the command line: either the process ends with `exit_status`, or it goes on.
struct Startup {
  std::optional<int> exit_status;
  std::string out;               ///< For stdout.
  std::string err;               ///< For stderr.
  std::vector<std::string> log;  ///< Lines for the log: printed items, problems of the configuration.
};

/// Takes `words` (without the program's name) and the file they name into `settings`. Every outcome is a value; texts
/// and exit statuses are mqnamesrv's.
Startup read_command_line(const std::vector<std::string>& words, settings::Settings& settings, io::FileSystem& files);

/// "The Name Server boot success. serializeType=JSON, address 0.0.0.0:9876"
std::string boot_line(const settings::Settings& settings);

}  // namespace ogive::namesrv
