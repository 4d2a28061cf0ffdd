#include "base/settings/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace ogive::settings {
namespace {

std::string_view without_hyphens(std::string_view word) {
  if (word.starts_with("--")) return word.substr(2);
  if (word.starts_with("-")) return word.substr(1);
  return word;
}

/// An argument may be quoted once more inside the word.
std::string without_quotes(std::string_view word) {
  if (word.size() > 1 && word.front() == '"' && word.back() == '"' &&
      word.substr(1, word.size() - 2).find('"') == std::string_view::npos) {
    return std::string(word.substr(1, word.size() - 2));
  }
  return std::string(word);
}

bool is_negative_number(const std::string& word) {
  if (word.size() < 2 || word[0] != '-') return false;
  char* end = nullptr;
  (void)std::strtod(word.c_str(), &end);
  return *end == '\0';
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

bool CommandLine::has(std::string_view name) const {
  return std::ranges::any_of(
      given_, [&](const Given& given) { return given.option.name == name || given.option.long_name == name; });
}

std::optional<std::string> CommandLine::value(std::string_view name) const {
  for (const Given& given : given_) {
    if ((given.option.name == name || given.option.long_name == name) && !given.values.empty()) return given.values[0];
  }
  return std::nullopt;
}

std::string CommandLine::value_or(std::string_view name, std::string_view otherwise) const {
  return value(name).value_or(std::string(otherwise));
}

Properties CommandLine::properties() const {
  Properties properties;
  for (const Given& given : given_) {
    if (!given.values.empty() && !given.option.long_name.empty()) {
      properties.set(given.option.long_name, given.values[0]);
    }
  }
  return properties;
}

std::string CommandLine::summary() const {
  std::string text;
  for (const Given& given : given_) {
    text += Options::key_of(given.option) + "=" + (given.values.empty() ? "" : given.values[0]) + " ";
  }
  return text;
}

/// One pass over the words of a command line.
class OptionParser {
 public:
  explicit OptionParser(const Options& options) : options_(options) {}

  Result<CommandLine> parse(std::span<const std::string> words) {
    bool only_arguments = false;
    for (const std::string& word : words) {
      if (only_arguments) {
        line_.arguments_.push_back(word);
      } else if (word == "--") {
        only_arguments = true;
      } else if (waiting_ && is_argument(word)) {
        take_value(without_quotes(word));
      } else {
        OGIVE_TRY(take_word(word));
      }
    }
    OGIVE_TRY(check_argument());
    OGIVE_TRY(check_required());
    return std::move(line_);
  }

 private:
  bool is_argument(const std::string& word) const { return !is_option(word) || is_negative_number(word); }

  bool is_option(std::string_view word) const {
    if (word.size() < 2 || word[0] != '-') return false;
    const std::string_view name = without_hyphens(word.substr(0, word.find('=')));
    if (!options_.by_long_prefix(name).empty()) return true;
    if (word.starts_with("--")) return false;
    if (name.empty()) return false;
    return options_.by_short_name(name) != nullptr || options_.by_short_name(name.substr(0, 1)) != nullptr ||
           long_name_at_start(name) != nullptr;
  }

  /// The option whose long name the word begins with ("namesrvAddrhost:1").
  const Option* long_name_at_start(std::string_view name) const {
    for (std::size_t length = name.size(); length-- > 2;) {
      for (const Option* option : options_.by_long_prefix(name.substr(0, length))) {
        if (option->long_name == name.substr(0, length)) return option;
      }
    }
    return nullptr;
  }

  Status take_word(const std::string& word) {
    if (word.size() < 2 || word[0] != '-') {
      line_.arguments_.push_back(word);
      return {};
    }
    if (word.starts_with("--")) return take_long(word);
    const std::string_view name = without_hyphens(word);
    const std::size_t equals = name.find('=');
    if (name.size() == 1 && options_.by_short_name(name) == nullptr) return unknown(word);
    if (equals != std::string_view::npos) {
      if (equals != 1) return take_long(word);
      const Option* option = options_.by_short_name(name.substr(0, 1));
      if (option == nullptr || !option->has_argument) return unknown(word);
      return take_option(*option, std::string(name.substr(2)));
    }
    if (const Option* option = options_.by_short_name(name)) return take_option(*option);
    if (!options_.by_long_prefix(name).empty()) return take_long(word);
    const Option* option = long_name_at_start(name);
    if (option != nullptr && option->has_argument) {
      return take_option(*option, std::string(name.substr(option->long_name.size())));
    }
    return take_letters(word);
  }

  Status take_long(const std::string& word) {
    const std::size_t equals = word.find('=');
    const std::string name(without_hyphens(std::string_view(word).substr(0, equals)));
    const auto matches = options_.by_long_prefix(name);
    if (matches.empty()) return unknown(word);
    if (matches.size() > 1) {
      std::vector<std::string> names;
      for (const Option* match : matches) names.push_back("'" + match->long_name + "'");
      return fail(Errc::kInvalidArgument, fmt::format("Ambiguous option: '{}'  (could be: {})",
                                                      std::string_view(word).substr(0, equals), joined(names)));
    }
    if (equals == std::string::npos) return take_option(*matches[0]);
    if (!matches[0]->has_argument) return unknown(word);
    return take_option(*matches[0], word.substr(equals + 1));
  }

  /// `-abc`: options a, b and c, or option a with the argument "bc".
  Status take_letters(const std::string& word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      const Option* option = options_.by_short_name(std::string_view(word).substr(i, 1));
      if (option == nullptr) return unknown(word);
      if (option->has_argument && i + 1 < word.size()) return take_option(*option, word.substr(i + 1));
      OGIVE_TRY(take_option(*option));
    }
    return {};
  }

  Status take_option(const Option& option) {
    OGIVE_TRY(check_argument());
    if (const Options::Group* group = options_.group_of(option)) {
      for (const auto& given : line_.given_) {
        if (options_.group_of(given.option) != group || Options::key_of(given.option) == Options::key_of(option))
          continue;
        return fail(
            Errc::kInvalidArgument,
            fmt::format("The option '{}' was specified but an option from this group has already been selected: '{}'",
                        Options::key_of(option), Options::key_of(given.option)));
      }
    }
    line_.given_.push_back({option, {}});
    waiting_ = option.has_argument;
    return {};
  }

  Status take_option(const Option& option, std::string value) {
    OGIVE_TRY(take_option(option));
    take_value(std::move(value));
    return {};
  }

  void take_value(std::string value) {
    line_.given_.back().values.push_back(std::move(value));
    waiting_ = false;
  }

  Status check_argument() const {
    if (!waiting_) return {};
    return fail(Errc::kInvalidArgument, "Missing argument for option: " + Options::key_of(line_.given_.back().option));
  }

  Status check_required() const {
    std::vector<std::string> missing;
    for (const Option& option : options_.options_) {
      if (option.required && !line_.has(Options::key_of(option))) missing.push_back(Options::key_of(option));
    }
    for (const Options::Group& group : options_.groups_) {
      if (!group.required || std::ranges::any_of(group.keys, [&](const std::string& key) { return line_.has(key); })) {
        continue;
      }
      missing.push_back(describe(group));
    }
    if (missing.empty()) return {};
    return fail(Errc::kInvalidArgument,
                fmt::format("Missing required option{}: {}", missing.size() == 1 ? "" : "s", joined(missing)));
  }

  std::string describe(const Options::Group& group) const {
    std::vector<std::string> members;
    for (const std::string& key : group.keys) {
      const Option* option = options_.by_short_name(key);
      const bool is_short = option != nullptr;
      members.push_back(fmt::format("{}{}{}", is_short ? "-" : "--", key,
                                    is_short && !option->description.empty() ? " " + option->description : ""));
    }
    return "[" + joined(members) + "]";
  }

  static Status unknown(const std::string& word) {
    return fail(Errc::kInvalidArgument, "Unrecognized option: " + word);
  }

  const Options& options_;
  CommandLine line_;
  bool waiting_ = false;  ///< The last option still wants its argument.
};

Options& Options::add(Option option) {
  const auto same =
      std::ranges::find_if(options_, [&](const Option& other) { return key_of(other) == key_of(option); });
  if (same != options_.end()) {
    *same = std::move(option);
  } else {
    options_.push_back(std::move(option));
  }
  return *this;
}

Options& Options::add_group(std::vector<Option> options, bool required) {
  Group group;
  group.required = required;
  for (Option& option : options) {
    option.required = false;
    group.keys.push_back(key_of(option));
    add(std::move(option));
  }
  groups_.push_back(std::move(group));
  return *this;
}

Result<CommandLine> Options::parse(std::span<const std::string> words) const {
  return OptionParser(*this).parse(words);
}

const Option* Options::by_short_name(std::string_view name) const {
  if (name.empty()) return nullptr;
  const auto found = std::ranges::find(options_, name, &Option::name);
  return found == options_.end() ? nullptr : &*found;
}

std::vector<const Option*> Options::by_long_prefix(std::string_view prefix) const {
  std::vector<const Option*> matches;
  for (const Option& option : options_) {
    if (option.long_name.empty()) continue;
    if (option.long_name == prefix) return {&option};
    if (option.long_name.starts_with(prefix)) matches.push_back(&option);
  }
  return matches;
}

const Options::Group* Options::group_of(const Option& option) const {
  for (const Group& group : groups_) {
    if (std::ranges::find(group.keys, key_of(option)) != group.keys.end()) return &group;
  }
  return nullptr;
}

}  // namespace ogive::settings
