#pragma once
// Pulls values out of JSON text as peers write it. Besides standard JSON it reads what fastjson writes when it is not
// asked to be strict: unquoted member names and numbers as names, and whole objects as names of map entries. Details:
// docs/protocol/json.md.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace ogive::protocol {

inline constexpr int kMaxJsonDepth = 64;
/// Elements and members one document may hold: bounds what a small text can make of memory.
inline constexpr std::size_t kMaxJsonItems = 2'000'000;

/// A cursor over one document. Every reading method answers false once something was malformed and then notes where;
/// after that all further reads fail too. Not thread-safe; the text must outlive the reader.
class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : begin_(text.data()), cursor_(begin_), end_(begin_ + text.size()) {}

  /// kCorrupt with the defect, its position and the text around it; nothing but white space may be left.
  Status finish();

  /// Visits an object's members: `on_member()` must read key and value.
  template <class OnMember>
  bool object(OnMember&& on_member) {
    if (!open('{')) return false;
    for (bool first = true; more('}', first); first = false) {
      if (!on_member()) return failed("value expected");
    }
    return close();
  }
  /// Visits an array's elements: `on_element()` must read one.
  template <class OnElement>
  bool array(OnElement&& on_element) {
    if (!open('[')) return false;
    for (bool first = true; more(']', first); first = false) {
      if (!on_element()) return failed("element expected");
    }
    return close();
  }

  /// A member's name, quoted or not, and its colon. The view is valid until the next string is read.
  bool key(std::string_view& name);
  /// The colon behind a key that was read as a value.
  bool colon();
  /// Whether the next value is null; consumes it then.
  bool null();
  char peek();  ///< The first character of the next value, or 0 at the end.

  bool string(std::string_view& out);  ///< Valid until the next string is read.
  bool text(std::string_view& out);    ///< A string's content, or a number's or literal's characters.
  bool raw(std::string_view& out);     ///< Any value as it is written; valid as long as the document.
  bool integer(std::int64_t& out);     ///< Also from a quoted number, as older clients send.
  bool number(double& out);
  bool boolean(bool& out);  ///< Also from a quoted literal.
  bool skip();

  /// Notes a defect found by the caller; always false.
  bool failed(const char* defect);

 private:
  bool open(char bracket);
  bool more(char closing, bool first);
  bool close();
  bool bare(std::string_view& out);
  void skip_space();

  const char* begin_;
  const char* cursor_;
  const char* end_;
  int depth_ = 0;
  std::size_t items_ = 0;
  const char* defect_ = nullptr;
  const char* defect_at_ = nullptr;
  std::string scratch_;
};

}  // namespace ogive::protocol
