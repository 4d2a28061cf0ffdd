#pragma once
// Command lines as Apache Commons CLI 1.5 (DefaultParser, HelpFormatter) reads and documents them: scripts depend on
// `-n a`, `-na`, `-n=a`, `--namesrvAddr a`, `--namesrvAddr=a`, `-namesrvAddr a` and on unique prefixes of long names,
// and on the wording of errors and help.
//
// Plain data; no thread rule.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/settings/properties.h"

namespace ogive::settings {

struct Option {
  std::string name;       ///< After one hyphen; may have several letters ("pc"). "" when there is only a long name.
  std::string long_name;  ///< After two hyphens; "" when there is none.
  bool has_argument = false;
  std::string description = {};
  bool required = false;
};

/// A parsed command line. Options are asked for by short or long name.
class CommandLine {
 public:
  bool has(std::string_view name) const;
  /// The first argument of the option, or nothing when it was not given.
  std::optional<std::string> value(std::string_view name) const;
  std::string value_or(std::string_view name, std::string_view otherwise) const;
  /// Words that belong to no option.
  const std::vector<std::string>& arguments() const { return arguments_; }
  /// Long name and value of every option with an argument that was given: they override a configuration file.
  Properties properties() const;
  /// "t=T h= " in the order given; for messages and tests.
  std::string summary() const;

 private:
  friend class OptionParser;
  struct Given {
    Option option;
    std::vector<std::string> values;
  };
  std::vector<Given> given_;
  std::vector<std::string> arguments_;
};

/// The options a program or subcommand knows.
class Options {
 public:
  static constexpr std::size_t kHelpWidth = 110;  ///< As RocketMQ's programs print.

  /// Adds an option; one of the same name is replaced.
  Options& add(Option option);
  /// Options of which at most one may be given, and one must when `required`.
  Options& add_group(std::vector<Option> options, bool required);

  /// kInvalidArgument with the text of Commons CLI: "Unrecognized option: --x", "Missing argument for option: n",
  /// "Missing required option: t", "Missing required options: b, t", "Ambiguous option: …", and for a group
  /// "The option 'c' was specified but an option from this group has already been selected: 'b'".
  Result<CommandLine> parse(std::span<const std::string> words) const;

  /// Usage line and table, each line ended.
  std::string help(std::string_view program, std::size_t width = kHelpWidth) const;

 private:
  friend class OptionParser;
  friend class CommandLine;
  struct Group {
    std::vector<std::string> keys;
    bool required = false;
  };

  /// The short name, or the long one where there is no short one.
  static const std::string& key_of(const Option& option) {
    return option.name.empty() ? option.long_name : option.name;
  }
  const Option* by_short_name(std::string_view name) const;
  std::vector<const Option*> by_long_prefix(std::string_view prefix) const;
  const Group* group_of(const Option& option) const;
  std::vector<const Option*> sorted() const;
  std::string usage(std::string_view program) const;

  std::vector<Option> options_;
  std::vector<Group> groups_;
};

}  // namespace ogive::settings
