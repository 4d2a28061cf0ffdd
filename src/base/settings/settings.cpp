#include "base/settings/settings.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <chrono>

#include "base/check.h"
#include "base/settings/value_check.h"

namespace ogive::settings {
namespace {

std::string place(std::string_view origin, int line) {
  if (line > 0) return fmt::format("{}:{}", origin, line);
  return std::string(origin);
}

/// The name by which a key is set, which for a few differs from the one that is printed.
std::string_view written_name(const SettingRow& row) {
  return row.written_as.empty() ? row.name : row.written_as;
}

}  // namespace

bool has_error(std::span<const Problem> problems) {
  return std::ranges::any_of(problems, [](const Problem& p) { return p.severity == Problem::Severity::kError; });
}

Settings::Settings(std::span<const Scope> scopes, const Machine& machine) {
  for (const Scope& scope : scopes) {
    for (const SettingRow& row : scope.rows) {
      auto slot = std::make_unique<Slot>();
      slot->row = &row;
      slot->scope = &scope;
      std::string text(row.default_text);
      bool has_value = row.default_kind != DefaultKind::kUnset;
      if (row.default_kind == DefaultKind::kComputed) {
        text = computed_default(row.name, machine);
        has_value = !text.empty();
      }
      const auto changed = std::ranges::find(scope.overrides, row.name, &Scope::Override::name);
      if (changed != scope.overrides.end()) text = changed->text;
      if (has_value) store(*slot, text, false);
      index_[row.name].push_back(slot.get());
      if (!row.written_as.empty()) index_[row.written_as].push_back(slot.get());
      slots_.push_back(std::move(slot));
    }
  }
}

Settings::Slot& Settings::slot_of(std::string_view key) const {
  const auto found = index_.find(key);
  OGIVE_CHECK_MSG(found != index_.end(), "no configuration key '{}'", key);
  return *found->second.back();
}

void Settings::store(Slot& slot, std::string_view text, bool given) {
  auto checked = check_value(*slot.row, text);
  OGIVE_CHECK_MSG(checked.has_value(), "{}='{}'", slot.row->name, text);
  const std::lock_guard lock(mutex_);
  slot.text = std::move(checked->text);
  slot.has_value = true;
  slot.given = slot.given || given;
  slot.number.store(checked->number, std::memory_order_release);
}

std::string Settings::suggestion(std::string_view key) const {
  constexpr int kMostChanges = 3;
  const int limit = std::min(kMostChanges, std::max(1, static_cast<int>(key.size()) / 3));
  int best = limit + 1;
  std::string_view name;
  for (const auto& slot : slots_) {
    const std::string_view candidate = written_name(*slot->row);
    const int distance = edit_distance(key, candidate, limit);
    if (distance < best || (distance == best && distance <= limit && candidate < name)) {
      best = distance;
      name = candidate;
    }
  }
  return best > limit ? std::string() : fmt::format("; did you mean '{}'?", name);
}

std::vector<Problem> Settings::check(const Properties& properties, std::string_view origin) const {
  std::vector<Problem> problems;
  for (const Property& property : properties.entries()) {
    const std::string where = place(origin, property.line);
    const auto found = index_.find(property.key);
    if (found == index_.end()) {
      problems.push_back(
          {Problem::Severity::kWarning, property.key,
           fmt::format("{}: unknown key '{}' is ignored{}", where, property.key, suggestion(property.key))});
      continue;
    }
    const SettingRow& row = *found->second.back()->row;
    const auto checked = check_value(row, property.value);
    if (!checked.has_value()) {
      problems.push_back({Problem::Severity::kError, property.key,
                          fmt::format("{}: {}: {}", where, property.key, checked.error().message())});
    } else if (row.use == SettingUse::kInert && checked->text != row.default_text) {
      // Its default changes nothing wherever it is read: not worth a line, for a file that was written back holds all.
      problems.push_back({Problem::Severity::kNote, property.key,
                          fmt::format("{}: {}: accepted, no effect, because {}", where, property.key, row.note)});
    }
  }
  return problems;
}

void Settings::take(const Properties& properties, std::span<const Problem> problems) {
  for (const Property& property : properties.entries()) {
    const bool wrong = std::ranges::any_of(problems, [&](const Problem& problem) {
      return problem.severity == Problem::Severity::kError && problem.key == property.key;
    });
    if (wrong) continue;
    const auto found = index_.find(property.key);
    if (found == index_.end()) {
      const std::lock_guard lock(mutex_);
      extras_[property.key] = property.value;
      continue;
    }
    for (Slot* slot : found->second) store(*slot, property.value, true);
  }
}

std::vector<Problem> Settings::load(const Properties& properties, std::string_view origin) {
  std::vector<Problem> problems = check(properties, origin);
  take(properties, problems);
  return problems;
}

bool Settings::is_blacklisted(std::string_view key) const {
  if (!contains("configBlackList")) return false;
  const std::string list = get_string("configBlackList");
  std::string_view rest = list;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    if (rest.substr(0, end) == key) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

Result<std::vector<Problem>> Settings::update(const Properties& properties) {
  std::vector<std::string> keys;
  for (const Property& property : properties.entries()) {
    if (is_blacklisted(property.key)) {
      return fail(Errc::kPermission,
                  fmt::format("'{}' cannot be changed at run time: configBlackList names it. Change the "
                              "configuration file and restart.",
                              property.key));
    }
    keys.push_back(property.key);
  }
  std::vector<Problem> problems = check(properties, "request");
  for (const Problem& problem : problems) {
    if (problem.severity == Problem::Severity::kError) return fail(Errc::kInvalidArgument, problem.text);
  }
  for (const std::string& key : keys) {
    const SettingRow* known = row(key);
    if (known != nullptr && known->use == SettingUse::kAtStart) {
      problems.push_back({Problem::Severity::kNote, key, fmt::format("{}: takes effect at the next start", key)});
    }
  }
  // Unlike those of a file, unknown keys of a request are not kept: RocketMQ forgets them as well.
  Properties known;
  for (const Property& property : properties.entries()) {
    if (contains(property.key)) known.set(property.key, property.value);
  }
  take(known, problems);
  for (const auto& callback : callbacks_) callback(keys);
  return problems;
}

void Settings::assign(std::string_view key, std::string_view value) {
  const auto found = index_.find(key);
  OGIVE_CHECK_MSG(found != index_.end(), "no configuration key '{}'", key);
  for (Slot* slot : found->second) store(*slot, value, false);
}

bool Settings::get_bool(std::string_view key) const {
  const Slot& slot = slot_of(key);
  OGIVE_CHECK_MSG(slot.row->type == SettingType::kBool, "'{}' is not a boolean", key);
  return slot.number.load(std::memory_order_acquire) != 0;
}

std::int64_t Settings::get_int(std::string_view key) const {
  const Slot& slot = slot_of(key);
  OGIVE_CHECK_MSG(slot.row->type == SettingType::kInt32 || slot.row->type == SettingType::kInt64,
                  "'{}' is not an integer", key);
  return slot.number.load(std::memory_order_acquire);
}

double Settings::get_double(std::string_view key) const {
  const Slot& slot = slot_of(key);
  OGIVE_CHECK_MSG(slot.row->type == SettingType::kDouble, "'{}' is not a double", key);
  return std::bit_cast<double>(slot.number.load(std::memory_order_acquire));
}

std::string Settings::get_string(std::string_view key) const {
  const Slot& slot = slot_of(key);
  OGIVE_CHECK_MSG(slot.row->type == SettingType::kString || slot.row->type == SettingType::kEnum, "'{}' is not a text",
                  key);
  const std::lock_guard lock(mutex_);
  return slot.text;
}

bool Settings::is_given(std::string_view key) const {
  const Slot& slot = slot_of(key);
  const std::lock_guard lock(mutex_);
  return slot.given;
}

const SettingRow* Settings::row(std::string_view key) const {
  const auto found = index_.find(key);
  return found == index_.end() ? nullptr : found->second.back()->row;
}

std::string Settings::property_text(bool escape) const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::string> sorted = extras_;
  for (const auto& slot : slots_) {
    if (!slot->scope->exported || !slot->has_value || (slot->row->secret && !escape)) continue;
    // In a file the key must be the one that can be set; a reply names the field, as RocketMQ's does.
    sorted[std::string(escape ? written_name(*slot->row) : slot->row->name)] = slot->text;
  }
  std::string text;
  for (const auto& [key, value] : sorted) {
    if (escape) {
      text += property_line(key, value);
    } else {
      text += key;
      text += '=';
      text += value;
      text += '\n';
    }
  }
  return text;
}

std::vector<std::string> Settings::printed_items(bool important_only) const {
  std::vector<std::string> items;
  const std::lock_guard lock(mutex_);
  for (const auto& slot : slots_) {
    if (!slot->scope->printed || (important_only && !slot->row->important)) continue;
    items.push_back(fmt::format("{}={}", slot->row->name, slot->row->secret ? "" : slot->text));
  }
  return items;
}

void Settings::on_change(std::function<void(const std::vector<std::string>& keys)> callback) {
  callbacks_.push_back(std::move(callback));
}

std::string printed_line(std::string_view item, std::int64_t wall_ms) {
  constexpr std::int64_t kGmtPlus8Seconds = 8 * 3600;
  const std::time_t seconds = static_cast<std::time_t>(wall_ms / 1000 + kGmtPlus8Seconds);
  return fmt::format("{:%Y-%m-%d %H:%M:%S} INFO main - {}", fmt::gmtime(seconds), item);
}

}  // namespace ogive::settings
