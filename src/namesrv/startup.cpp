#include "namesrv/startup.h"

#include <fmt/core.h>

#include "base/settings/options.h"

namespace ogive::namesrv {
namespace {

constexpr int kUsageError = 1;
constexpr int kBadConfiguration = 253;  // -3 of the original, as a shell sees it.
constexpr std::uint64_t kMaxConfigBytes = 4u << 20;

settings::Options options() {
  settings::Options options;
  options.add({.name = "h", .long_name = "help", .has_argument = false, .description = "Print help"})
      .add({.name = "n",
            .long_name = "namesrvAddr",
            .has_argument = true,
            .description = "Name server address list, eg: '192.168.0.1:9876;192.168.0.2:9876'"})
      .add({.name = "c",
            .long_name = "configFile",
            .has_argument = true,
            .description = "Name server config properties file"})
      .add({.name = "p",
            .long_name = "printConfigItem",
            .has_argument = false,
            .description = "Print all config items"});
  return options;
}

/// Notes and warnings go to the log, errors also to stderr.
void report(const std::vector<settings::Problem>& problems, Startup& startup) {
  for (const auto& problem : problems) {
    startup.log.push_back(problem.text);
    if (problem.severity == settings::Problem::Severity::kError) startup.err += problem.text + "\n";
  }
  if (settings::has_error(problems)) startup.exit_status = kBadConfiguration;
}

}  // namespace

Startup read_command_line(const std::vector<std::string>& words, settings::Settings& settings, io::FileSystem& files) {
  Startup startup;
  for (const std::string& word : words) {
    if (word != "--version") continue;
    startup.out = "ogive 0.1.0 (RocketMQ 5.5.0 protocol)\n";
    startup.exit_status = 0;
    return startup;
  }
  const settings::Options known = options();
  const auto line = known.parse(words);
  if (!line) {
    startup.err = line.error().message() + "\n";
    startup.out = known.help("mqnamesrv");
    startup.exit_status = kUsageError;
    return startup;
  }
  if (line->has("h")) {
    startup.out = known.help("mqnamesrv");
    startup.exit_status = 0;
    return startup;
  }
  if (const auto path = line->value("c")) {
    const auto text = io::read_file(files, *path, kMaxConfigBytes);
    if (!text) {
      startup.err = fmt::format("cannot read the configuration file {}: {}\n", *path, text.error().message());
      startup.exit_status = kBadConfiguration;
      return startup;
    }
    report(settings.load(settings::Properties::parse(*text), *path), startup);
    if (startup.exit_status) return startup;
    settings.assign("configStorePath", *path);  // Changes at run time go back to where they came from.
    startup.out = fmt::format("load config properties file OK, {}\n", *path);
  }
  for (const auto& item : settings.printed_items(false)) startup.log.push_back(item);
  if (line->has("p")) startup.exit_status = 0;  // The items go to the log only, as in the original.
  return startup;
}

std::string boot_line(const settings::Settings& settings) {
  return fmt::format("The Name Server boot success. serializeType=JSON, address {}:{}",
                     settings.get_string("bindAddress"), settings.get_int("listenPort"));
}

}  // namespace ogive::namesrv
