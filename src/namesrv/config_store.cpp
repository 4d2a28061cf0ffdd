#include "namesrv/config_store.h"

#include <fmt/core.h>

#include <array>

#include "base/log.h"

namespace ogive::namesrv {
namespace {

/// Never changed by request, whatever configBlackList says: they name files and the list itself.
constexpr std::array<std::string_view, 4> kFixedKeys = {"configBlackList", "configStorePath", "kvConfigPath",
                                                        "rocketmqHome"};
constexpr std::uint64_t kMaxBytes = 4u << 20;

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

  settings::Properties known;
  for (const auto& property : properties.entries()) {
    if (settings_.contains(property.key)) known.set(property.key, property.value);
  }
  if (known.entries().empty()) return {};
  const std::string path = settings_.get_string("configStorePath");
  auto written = io::read_file(files_, path, kMaxBytes);
  if (!written && written.error().code() != Errc::kNotFound) return fail(std::move(written).error());
  if (const auto slash = path.rfind('/'); slash != std::string::npos && slash > 0) {
    OGIVE_TRY(io::create_directories_durably(files_, path.substr(0, slash)));
  }
  return io::replace_file(files_, path, settings::with_changes(written ? *written : std::string(), known));
}

}  // namespace ogive::namesrv
