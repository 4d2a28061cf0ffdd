#include "broker/state/config_file.h"

#include <fmt/core.h>

#include <array>

#include "base/log.h"
#include "base/settings/properties.h"

namespace ogive::broker {
namespace {

/// Never changed by request, whatever configBlackList says: they name files and the list itself.
constexpr std::array<std::string_view, 3> kFixedKeys = {"brokerConfigPath", "configBlackList", "rocketmqHome"};

Status write_changes(io::FileSystem& files, const std::string& path, const settings::Properties& changes) {
  auto before = io::read_file(files, path, ConfigFile::kMaxBytes);
  if (!before && before.error().code() != Errc::kNotFound) return fail(std::move(before).error());
  if (const std::size_t slash = path.rfind('/'); slash != std::string::npos && slash > 0) {
    OGIVE_TRY(io::create_directories_durably(files, path.substr(0, slash)));
  }
  return io::replace_file(files, path, settings::with_changes(before ? *before : std::string(), changes));
}

}  // namespace

Result<std::vector<settings::Problem>> ConfigFile::update(std::string_view lines) {
  const auto properties = settings::Properties::parse(lines);
  for (const std::string_view key : kFixedKeys) {
    if (properties.find(key) != nullptr) {
      return fail(Errc::kPermission, fmt::format("'{}' cannot be changed at run time", key));
    }
  }
  const std::lock_guard lock(updating_);
  auto problems = settings_.update(properties);
  if (!problems) return problems;
  settings::Properties known;
  for (const auto& property : properties.entries()) {
    if (settings_.contains(property.key)) known.set(property.key, property.value);
  }
  if (known.entries().empty()) return problems;
  std::string path = settings_.get_string("brokerConfigPath");
  if (path.empty()) path = default_path_;
  if (const Status written = write_changes(files_, path, known); !written) {
    return fail(written.error().code(),
                fmt::format("the change is in effect, but only until the next start: {}", written.error().message()));
  }
  OGIVE_LOG(info, "broker", "configuration changed at run time, written to {}", path);
  return problems;
}

}  // namespace ogive::broker
