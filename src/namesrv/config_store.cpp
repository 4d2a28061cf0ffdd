#include "namesrv/config_store.h"

#include <fmt/core.h>

#include <array>

#include "base/log.h"

namespace ogive::namesrv {
namespace {

/// Never changed by request, whatever configBlackList says: they name files and the list itself.
constexpr std::array<std::string_view, 4> kFixedKeys = {"configBlackList", "configStorePath", "kvConfigPath",
                                                        "rocketmqHome"};

}  // namespace

ConfigStore::ConfigStore(settings::Settings& settings, io::FileSystem& files) : settings_(settings), files_(files) {}

Status ConfigStore::update(std::string_view text) {
  const auto properties = settings::Properties::parse(text);
  for (const std::string_view key : kFixedKeys) {
    if (properties.find(key) != nullptr) {
      return fail(Errc::kPermission, fmt::format("{} cannot be changed at run time", key));
    }
  }
  const std::lock_guard lock(updating_);
  auto problems = settings_.update(properties);
  if (!problems) return fail(problems.error());
  for (const auto& problem : *problems) OGIVE_LOG(warn, "namesrv", "updateConfig: {}", problem.text);

  const std::string path = settings_.get_string("configStorePath");
  if (const auto slash = path.rfind('/'); slash != std::string::npos && slash > 0) {
    OGIVE_TRY(io::create_directories_durably(files_, path.substr(0, slash)));
  }
  return io::replace_file(files_, path, settings_.property_text(true));
}

}  // namespace ogive::namesrv
