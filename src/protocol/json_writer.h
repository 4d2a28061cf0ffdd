#pragma once
// Writes JSON the way fastjson does, so that every client of RocketMQ reads it. Details: docs/protocol/json.md.

#include <cstdint>
#include <string>
#include <string_view>

namespace ogive::protocol {

/// How a document differs from fastjson's usual form.
struct JsonStyle {
  bool quoted_integer_keys = false;  ///< {"0":…} instead of fastjson's {0:…}.
  bool ascii_only = false;           ///< Other characters become \uXXXX.
  bool pretty = false;               ///< A member a line, indented with tabs: the form of configuration files.
};

/// The strict form that routes have for clients from 4.9.4 on.
inline constexpr JsonStyle kStrictJson{.quoted_integer_keys = true, .ascii_only = true};

/// Appends values to a string. The caller keeps begin and end balanced. Not thread-safe.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out, JsonStyle style = {}) : out_(out), style_(style) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  void key(std::string_view name);
  void integer_key(std::int64_t number);
  void begin_object_key();  ///< What is written up to end_object_key becomes an entry's name.
  void end_object_key() { out_ += ':'; }
  void element();  ///< Before every element of an array.

  void string(std::string_view text);
  void integer(std::int64_t number);
  /// As Java prints doubles: "0.0", "1.0E10"; not-a-number and infinities become null.
  void number(double value);
  void boolean(bool value) { out_ += value ? "true" : "false"; }
  void null() { out_ += "null"; }

 private:
  void open(char bracket);
  void close(char bracket);
  void separate();
  void new_line();

  std::string& out_;
  const JsonStyle style_;
  bool empty_ = true;
  int depth_ = 0;
};

}  // namespace ogive::protocol
