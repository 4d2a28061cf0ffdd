#include "admin/run.h"

#include <algorithm>
#include <span>

#include "admin/command_table.h"
#include "admin/print.h"
#include "admin/text.h"
#include "base/settings/options.h"

namespace ogive::admin {
namespace {

settings::Options options_of(const Command& command) {
  settings::Options options;
  options.add(flag("h", "help", "Print help"));
  options.add(optional("n", "namesrvAddr", "Name server address list, eg: '192.168.0.1:9876;192.168.0.2:9876'"));
  command.add_options(options);
  return options;
}

std::string help_of(const Command& command) {
  return options_of(command).help("mqadmin " + std::string(command.name));
}

void print_commands(std::ostream& out) {
  out << "The most commonly used mqadmin commands are:\n";
  for (const Command& command : commands()) print(out, "   {:<35} {}\n", command.name, command.description);
  out << "\nNot part of Ogive:";
  for (const std::string_view name : missing_commands()) out << ' ' << name;
  out << "\n\nSee 'mqadmin help <command>' for more information on a specific command.\n";
}

/// Says on stdout what the original says, and on stderr what there is.
int unknown(const std::string& name, const Environment& environment) {
  if (is_missing_command(name)) {
    print(environment.err, "mqadmin: {} is a command of RocketMQ 5.5.0 that Ogive does not have\n", name);
    return kFailed;
  }
  print(environment.out, "The sub command {} not exist.\n", name);
  print_commands(environment.err);
  return kFailed;
}

int fail_with(const Environment& environment, std::string_view command, const Error& error) {
  print(environment.err, "mqadmin: {} failed: {}\n", command, one_line(error.message()));
  return kFailed;
}

int execute(const Command& command, const settings::CommandLine& line, const Environment& environment) {
  const std::string text = line.value_or("n", environment.name_servers);
  std::vector<client::HostPort> name_servers;
  if (!trimmed(text).empty()) {
    auto parsed = client::parse_address_list(text);
    if (!parsed) return fail_with(environment, command.name, parsed.error());
    name_servers = std::move(*parsed);
  }
  return environment.with_cluster(std::move(name_servers), [&](Cluster& cluster) {
    Context context(line, cluster, environment.files, environment.out, environment.err);
    const Status done = command.run(context);
    environment.out.flush();
    if (!done) return fail_with(environment, command.name, done.error());
    return context.reported() ? kFailed : 0;
  });
}

}  // namespace

int run(const std::vector<std::string>& words, const Environment& environment) {
  if (words.empty() || words[0] == "-h" || words[0] == "--help") {
    print_commands(environment.out);
    return 0;
  }
  if (words.size() == 2 && words[0] == "help") {
    const Command* command = find_command(words[1]);
    if (command == nullptr) return unknown(words[1], environment);
    environment.out << help_of(*command);
    return 0;
  }
  const Command* command = find_command(words[0]);
  if (command == nullptr) return unknown(words[0], environment);
  const auto line = options_of(*command).parse(std::span(words).subspan(1));
  if (!line) {
    print(environment.err, "{}\n", line.error().message());
    environment.out << help_of(*command);
    return kFailed;
  }
  if (line->has("h")) {
    environment.out << help_of(*command);
    return 0;
  }
  return execute(*command, *line, environment);
}

}  // namespace ogive::admin
