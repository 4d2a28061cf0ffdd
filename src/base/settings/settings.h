#pragma once
// The values of every configuration key of a program: defaults, files, command line and changes at run time.
//
// Threads: getters may be called from any thread. Numbers and booleans are read without a lock, texts under a short
// one. Code on a hot path copies what it needs into a struct of its own and refreshes it from on_change.

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/settings/properties.h"
#include "base/settings/setting_table.h"

namespace ogive::settings {

/// Something the user should read about one key of a file or a request.
struct Problem {
  enum class Severity : std::uint8_t {
    kNote,     ///< The key has no effect here; the value is kept.
    kWarning,  ///< Unknown key; kept and ignored.
    kError,    ///< The value cannot be meant: a program does not start with it and a request is refused.
  };
  Severity severity;
  std::string key;
  std::string text;  ///< A sentence with file and line, what is wrong, and what is allowed or meant.
};

/// True when a problem forbids going on.
bool has_error(std::span<const Problem> problems);

class Settings {
 public:
  /// All keys of `scopes` with their defaults on `machine`. The rows must outlive the object (tables are static).
  Settings(std::span<const Scope> scopes, const Machine& machine);

  Settings(const Settings&) = delete;
  Settings& operator=(const Settings&) = delete;

  /// Takes the values of a configuration file (or, with `origin` "command line", of options). Wrong values are reported
  /// and leave the old value in place; unknown keys are reported and kept for property_text. Use at start.
  std::vector<Problem> load(const Properties& properties, std::string_view origin);

  /// A change at run time: everything or nothing. Refuses with kPermission a key of configBlackList, with
  /// kInvalidArgument a value that cannot be meant. Unknown keys are accepted as RocketMQ accepts them, and are among
  /// the returned problems, as are keys without effect and those that wait for the next start.
  Result<std::vector<Problem>> update(const Properties& properties);

  /// Sets one known key from code (a port that was chosen by the system). The value must be valid.
  void assign(std::string_view key, std::string_view value);

  // Typed reads. The key must exist with that type: anything else is a bug of the caller and aborts.
  bool get_bool(std::string_view key) const;
  std::int64_t get_int(std::string_view key) const;  ///< kInt32 and kInt64.
  double get_double(std::string_view key) const;
  std::string get_string(std::string_view key) const;  ///< kString and kEnum; "" when unset.

  bool contains(std::string_view key) const { return index_.contains(key); }

  /// True when a value was given by a file, an option or a request.
  bool is_given(std::string_view key) const;

  /// The row of a key (of the scope that wins), or nullptr.
  const SettingRow* row(std::string_view key) const;

  /// The body of GET_BROKER_CONFIG and GET_NAMESRV_CONFIG and of the written-back file: `key=value\n` of every exported
  /// key that has a value, sorted; a secret one is in a file only. `escape` for a file, so that it reads back; a reply
  /// is not escaped, as in RocketMQ.
  std::string property_text(bool escape) const;

  /// What `-p` prints, in order, as "key=value"; with `important_only` what `-m` prints.
  std::vector<std::string> printed_items(bool important_only) const;

  /// Calls `callback` after every successful update, on the thread of the update, with the keys that were in it.
  /// Register before threads start.
  void on_change(std::function<void(const std::vector<std::string>& keys)> callback);

 private:
  struct Slot {
    const SettingRow* row = nullptr;
    const Scope* scope = nullptr;
    std::string text;                     ///< As given; guarded by mutex_.
    bool has_value = false;               ///< Guarded by mutex_.
    bool given = false;                   ///< Guarded by mutex_.
    std::atomic<std::int64_t> number{0};  ///< Value of a bool or integer; bits of a double.
  };

  Slot& slot_of(std::string_view key) const;
  void store(Slot& slot, std::string_view text, bool given);
  std::vector<Problem> check(const Properties& properties, std::string_view origin) const;
  void take(const Properties& properties, std::span<const Problem> problems);
  std::string suggestion(std::string_view key) const;
  bool is_blacklisted(std::string_view key) const;

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Slot>> slots_;                        ///< In the order of -p.
  std::unordered_map<std::string_view, std::vector<Slot*>> index_;  ///< By printed and by written name.
  std::map<std::string, std::string> extras_;                       ///< Unknown keys; guarded by mutex_.
  std::vector<std::function<void(const std::vector<std::string>&)>> callbacks_;
};

/// One line of `mqbroker -p` as RocketMQ prints it: "2026-11-24 05:47:26 INFO main - key=value" (time zone GMT+8).
std::string printed_line(std::string_view item, std::int64_t wall_ms);

}  // namespace ogive::settings
