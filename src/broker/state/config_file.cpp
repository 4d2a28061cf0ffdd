#include "broker/state/config_file.h"

#include <fmt/core.h>

#include "base/log.h"
#include "base/settings/properties.h"

namespace ogive::broker {

Result<std::vector<settings::Problem>> ConfigFile::update(std::string_view lines) {
  const std::lock_guard lock(updating_);
  auto problems = settings_.update(settings::Properties::parse(lines));
  if (!problems) return problems;
  std::string path = settings_.get_string("brokerConfigPath");
  if (path.empty()) path = default_path_;
  const std::size_t slash = path.rfind('/');
  Status written = slash == std::string::npos || slash == 0
                       ? Status()
                       : io::create_directories_durably(files_, path.substr(0, slash));
  if (written) written = io::replace_file(files_, path, settings_.property_text(true));
  if (!written) {
    return fail(written.error().code(),
                fmt::format("the change is in effect, but only until the next start: {}", written.error().message()));
  }
  OGIVE_LOG(info, "broker", "configuration changed at run time, written to {}", path);
  return problems;
}

}  // namespace ogive::broker
