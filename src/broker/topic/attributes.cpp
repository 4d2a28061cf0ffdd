#include "broker/topic/attributes.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <set>
#include <vector>

namespace ogive::broker {
namespace {

/// One defined topic attribute: the values it may have (none listed = a number from -1 up).
struct Definition {
  std::string_view key;
  bool changeable;
  std::vector<std::string_view> values;
};

const std::vector<Definition>& definitions() {
  static const std::vector<Definition> all = {
      {"queue.type", false, {"BatchCQ", "SimpleCQ"}},
      {"cleanup.policy", false, {"DELETE", "COMPACTION"}},
      {"message.type", true, {"UNSPECIFIED", "NORMAL", "FIFO", "DELAY", "TRANSACTION", "MIXED"}},
      {"reserve.time", true, {}},
  };
  return all;
}

Status check_value(const Definition& definition, std::string_view value, const AttributeRules& rules) {
  if (definition.values.empty()) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error == std::errc() && end == value.data() + value.size() && number >= -1) return {};
    return fail(
        Errc::kInvalidArgument,
        fmt::format("value is not in range: {} must be a number of at least -1, it is '{}'", definition.key, value));
  }
  const bool known = std::find(definition.values.begin(), definition.values.end(), value) != definition.values.end();
  if (!known) {
    return fail(Errc::kInvalidArgument, fmt::format("value is not in set: [{}], {}='{}'",
                                                    fmt::join(definition.values, ", "), definition.key, value));
  }
  if (definition.key == "message.type" && value == "MIXED" && !rules.mixed_message_type) {
    return fail(Errc::kInvalidArgument, "MIXED message type is not supported (enableMixedMessageType is off).");
  }
  return {};
}

Status check_change(bool creating, bool removing, std::string_view key, std::string_view value,
                    const AttributeRules& rules) {
  const auto& all = definitions();
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& row) { return row.key == key; });
  if (!rules.for_topics || found == all.end())
    return fail(Errc::kInvalidArgument, fmt::format("unsupported key: {}", key));
  if (!creating && !found->changeable) {
    return fail(Errc::kInvalidArgument, fmt::format("attempt to update an unchangeable attribute. key: {}", key));
  }
  return removing ? Status() : check_value(*found, value, rules);
}

}  // namespace

Result<Attributes> parse_attribute_changes(std::string_view text) {
  Attributes changes;
  while (!text.empty()) {
    const std::size_t end = text.find(',');
    const std::string_view piece = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (piece.empty()) continue;
    const std::size_t split = piece.find('=');
    const bool adds = split != std::string_view::npos;
    const std::string_view key = piece.substr(0, split);
    const std::string_view value = adds ? piece.substr(split + 1) : std::string_view();
    const bool well_formed = adds ? key.starts_with('+') && !value.empty() && value.find('=') == std::string_view::npos
                                  : key.starts_with('-');
    if (!well_formed || key.size() < 2) {
      return fail(Errc::kInvalidArgument, fmt::format("add/alter attribute format is wrong: {}", piece));
    }
    if (!changes.emplace(key, value).second) {
      return fail(Errc::kInvalidArgument, fmt::format("key duplication: {}", key.substr(1)));
    }
  }
  return changes;
}

Result<Attributes> apply_attribute_changes(bool creating, const Attributes& current, const Attributes& changes,
                                           const AttributeRules& rules) {
  Attributes result = current;
  std::set<std::string_view> seen;
  for (const auto& [signed_key, value] : changes) {
    const std::string_view key = std::string_view(signed_key).substr(std::min<std::size_t>(1, signed_key.size()));
    if (key.empty() || key.find_first_of("+-") != std::string_view::npos) {
      return fail(Errc::kInvalidArgument, fmt::format("kv string format wrong: '{}'", signed_key));
    }
    if (!seen.insert(key).second) {
      return fail(Errc::kInvalidArgument, fmt::format("alter duplication key. key: {}", key));
    }
    const bool removing = signed_key.starts_with('-');
    if (creating && !signed_key.starts_with('+')) {
      return fail(Errc::kInvalidArgument,
                  fmt::format("only add attribute is supported while creating topic. key: {}", key));
    }
    if (!removing && !signed_key.starts_with('+')) {
      return fail(Errc::kInvalidArgument, fmt::format("wrong format key: {}", key));
    }
    if (removing && !current.contains(std::string(key))) {
      return fail(Errc::kInvalidArgument, fmt::format("attempt to delete a nonexistent key: {}", key));
    }
    OGIVE_TRY(check_change(creating, removing, key, value, rules));
    if (removing) {
      result.erase(std::string(key));
    } else {
      result[std::string(key)] = value;
    }
  }
  return result;
}

}  // namespace ogive::broker
