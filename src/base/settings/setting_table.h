#pragma once
// What is known about every configuration key: one row per key, one table per scope (a configuration object of
// RocketMQ).
//
// Names, defaults and the order of rows are RocketMQ 5.5.0's: `mqbroker -p` prints rows in this order. Notes are ours.
// Tables are constant data; any thread may read them.

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

namespace ogive::settings {

enum class SettingType : std::uint8_t { kBool, kInt32, kInt64, kDouble, kString, kEnum };

/// What becomes of a value.
enum class SettingUse : std::uint8_t {
  kLive,     ///< Takes effect when changed at run time.
  kAtStart,  ///< Read at start; a change at run time is stored and takes effect at the next start.
  kInert,    ///< Accepted for compatibility, no effect; the note says why.
};

/// Where the default comes from.
enum class DefaultKind : std::uint8_t {
  kText,      ///< The row's text.
  kUnset,     ///< No value: printed empty by -p, absent from GET_BROKER_CONFIG.
  kComputed,  ///< From the machine, see computed_default.
};

struct SettingRow {
  std::string_view name;
  SettingType type;
  std::string_view default_text;  ///< Also of a computed default: an example, never used.
  SettingUse use;
  std::string_view note;  ///< What the key does; for kInert the text after "accepted, no effect, because".
  DefaultKind default_kind = DefaultKind::kText;
  bool important = false;                                 ///< Printed by `mqbroker -m`.
  std::string_view allowed = {};                          ///< kEnum: the permitted words, separated by '|'.
  double min = -std::numeric_limits<double>::infinity();  ///< Numbers: inclusive bounds on top of the type's own.
  double max = std::numeric_limits<double>::infinity();
  bool secret = false;               ///< Its value is shown to nobody: neither printed nor given to a request.
  std::string_view written_as = {};  ///< Name in a configuration file where it differs from the printed name.

  // Shorthands for the tables.
  constexpr SettingRow computed() const {
    SettingRow row = *this;
    row.default_kind = DefaultKind::kComputed;
    return row;
  }
  constexpr SettingRow unset() const {
    SettingRow row = *this;
    row.default_kind = DefaultKind::kUnset;
    return row;
  }
  constexpr SettingRow as_secret() const {
    SettingRow row = *this;
    row.secret = true;
    return row;
  }
  constexpr SettingRow as_important() const {
    SettingRow row = *this;
    row.important = true;
    return row;
  }
  constexpr SettingRow at_least(double bound) const {
    SettingRow row = *this;
    row.min = bound;
    return row;
  }
  constexpr SettingRow within(double low, double high) const {
    SettingRow row = *this;
    row.min = low;
    row.max = high;
    return row;
  }
  constexpr SettingRow one_of(std::string_view words) const {
    SettingRow row = *this;
    row.allowed = words;
    return row;
  }
  constexpr SettingRow set_as(std::string_view key) const {
    SettingRow row = *this;
    row.written_as = key;
    return row;
  }
};

/// What defaults are computed from. The caller looks it up once; tests give fixed values.
struct Machine {
  int cores = 1;
  std::string host_name = {};
  std::string local_ip = {};
  std::string home = {};           ///< Home directory of the user: store and configuration live below it.
  std::string rocketmq_home = {};  ///< ROCKETMQ_HOME; "" when unset.
  std::string namesrv_addr = {};   ///< NAMESRV_ADDR; "" when unset.
};

/// The default of a kComputed row on `machine`; "" for a key this function does not know.
std::string computed_default(std::string_view name, const Machine& machine);

/// A configuration object: a name for messages and its rows.
struct Scope {
  std::string_view name;
  std::span<const SettingRow> rows;
  bool printed = true;   ///< `-p` and `-m` list it.
  bool exported = true;  ///< GET_BROKER_CONFIG / GET_NAMESRV_CONFIG and the written-back file contain it.

  /// A default that differs in this program from the row's (the port of a name server and of a broker).
  struct Override {
    std::string_view name;
    std::string_view text;
  };
  std::span<const Override> overrides = {};
};

// The scopes, by the Java class they mirror.
std::span<const SettingRow> namesrv_rows();          // NamesrvConfig
std::span<const SettingRow> broker_identity_rows();  // BrokerIdentity
std::span<const SettingRow> broker_rows();           // BrokerConfig
std::span<const SettingRow> store_rows();            // MessageStoreConfig
std::span<const SettingRow> netty_server_rows();     // NettyServerConfig
std::span<const SettingRow> netty_client_rows();     // NettyClientConfig
std::span<const SettingRow> auth_rows();             // AuthConfig
std::span<const SettingRow> ogive_rows();            // keys of our own

/// The scopes of a program, in the order in which -p prints them. Later scopes win where a name occurs in several.
std::span<const Scope> broker_scopes();
std::span<const Scope> namesrv_scopes();

}  // namespace ogive::settings
