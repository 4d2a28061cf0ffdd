// The layout of Commons CLI's HelpFormatter.
#include <algorithm>
#include <set>

#include "base/settings/options.h"

namespace ogive::settings {
namespace {

constexpr std::size_t kLeftPad = 1;
constexpr std::size_t kDescriptionPad = 3;

std::string rtrim(std::string text) {
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  return text;
}

std::string trim(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string::npos ? std::string() : rtrim(text.substr(first));
}

/// Where a line of `text` ends, npos when all of it fits.
std::size_t wrap_position(const std::string& text, std::size_t width) {
  for (const char stop : {'\n', '\t'}) {
    const std::size_t at = text.find(stop);
    if (at != std::string::npos && at <= width) return at + 1;
  }
  if (width >= text.size()) return std::string::npos;
  const std::size_t blank = text.find_last_of(" \n\r", width);
  return blank != std::string::npos && blank > 0 ? blank : width;
}

void append_wrapped(std::string& out, std::string text, std::size_t width, std::size_t indent) {
  if (indent >= width) indent = 1;
  std::size_t at = wrap_position(text, width);
  while (at != std::string::npos) {
    out += rtrim(text.substr(0, at)) + "\n";
    text = std::string(indent, ' ') + trim(text.substr(at));
    at = wrap_position(text, width);
    if (at != std::string::npos && text.size() > width && at == indent - 1) at = width;
  }
  out += rtrim(text) + "\n";
}

std::string in_usage(const Option& option, bool required) {
  std::string text = option.name.empty() ? "--" + option.long_name : "-" + option.name;
  if (option.has_argument) text += " <arg>";
  return required ? text : "[" + text + "]";
}

std::string in_table(const Option& option) {
  std::string text(kLeftPad, ' ');
  if (option.name.empty()) {
    text += "   --" + option.long_name;
  } else {
    text += "-" + option.name;
    if (!option.long_name.empty()) text += ",--" + option.long_name;
  }
  if (option.has_argument) text += " <arg>";
  return text;
}

}  // namespace

std::vector<const Option*> Options::sorted() const {
  std::vector<const Option*> sorted;
  for (const Option& option : options_) sorted.push_back(&option);
  std::ranges::stable_sort(sorted, [](const Option* a, const Option* b) {
    return std::ranges::lexicographical_compare(key_of(*a), key_of(*b),
                                                [](char x, char y) { return std::tolower(x) < std::tolower(y); });
  });
  return sorted;
}

std::string Options::usage(std::string_view program) const {
  std::string text = "usage: " + std::string(program) + " ";
  std::set<const Group*> done;
  const auto options = sorted();
  for (std::size_t i = 0; i < options.size(); ++i) {
    const Group* group = group_of(*options[i]);
    if (group == nullptr) {
      text += in_usage(*options[i], options[i]->required);
    } else if (done.insert(group).second) {
      std::string members;
      for (const Option* member : options) {
        if (group_of(*member) == group) members += (members.empty() ? "" : " | ") + in_usage(*member, true);
      }
      text += group->required ? members : "[" + members + "]";
    }
    if (i + 1 < options.size()) text += " ";
  }
  return text;
}

std::string Options::help(std::string_view program, std::size_t width) const {
  std::string out;
  const std::string line = usage(program);
  append_wrapped(out, line, width, line.find(' ') + 1);
  std::size_t longest = 0;
  for (const Option& option : options_) longest = std::max(longest, in_table(option).size());
  for (const Option* option : sorted()) {
    std::string row = in_table(*option);
    row.resize(longest + kDescriptionPad, ' ');
    append_wrapped(out, row + option->description, width, longest + kDescriptionPad);
  }
  return out;
}

}  // namespace ogive::settings
