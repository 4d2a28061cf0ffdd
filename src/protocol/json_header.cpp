#include "protocol/json_header.h"

#include <fmt/core.h>

#include "protocol/codes.h"
#include "protocol/decimal.h"
#include "protocol/json_text.h"

namespace ogive::protocol {
namespace {

bool is_space(char c) {
  return static_cast<unsigned char>(c) <= ' ' && (c == ' ' || c == '\n' || c == '\r' || c == '\t');
}

bool is_number_char(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/// One pass over the header. Every method moves the cursor behind what it read and answers false after noting a defect.
class HeaderParser {
 public:
  HeaderParser(std::string_view header, char* scratch, Frame& frame)
      : begin_(header.data()), cursor_(begin_), end_(begin_ + header.size()), scratch_(scratch), frame_(frame) {}

  Status parse() {
    if (document()) return {};
    return fail(Errc::kCorrupt,
                fmt::format("JSON header of {} bytes: {} at byte {}", end_ - begin_, defect_, cursor_ - begin_));
  }

 private:
  struct Value {
    std::string_view text;
    bool quoted = false;
    bool null = false;
  };

  bool document() {
    if (!object([this](std::string_view name) { return member(name); })) return false;
    skip_space();
    return cursor_ == end_ || broken("text behind the closing brace");
  }

  template <class OnMember>
  bool object(OnMember&& on_member) {
    skip_space();
    if (!expect('{', "'{' expected")) return false;
    skip_space();
    if (accept('}')) return true;
    for (;;) {
      std::string_view name;
      if (!member_name(name)) return false;
      skip_space();
      if (!on_member(name)) return false;
      if (accept(',')) continue;
      skip_space();
      if (accept('}')) return true;
      if (!expect(',', "',' or '}' expected")) return false;
    }
  }

  /// A name and its colon.
  bool member_name(std::string_view& name) {
    // Most names of a send header have one character.
    if (end_ - cursor_ >= 4 && cursor_[0] == '"' && cursor_[2] == '"' && cursor_[3] == ':' && cursor_[1] != '"' &&
        cursor_[1] != '\\') {
      name = {cursor_ + 1, 1};
      cursor_ += 4;
      return true;
    }
    skip_space();
    if (!string(name)) return false;
    skip_space();
    return expect(':', "':' expected");
  }

  bool member(std::string_view name) {
    switch (name.size()) {
      case 4:
        if (name == "code") return integer(frame_.code);
        if (name == "flag") return integer(frame_.flag);
        break;
      case 6:
        if (name == "opaque") return integer(frame_.opaque);
        if (name == "remark") return text(frame_.remark);
        break;
      case 7:
        if (name == "version") return integer(frame_.version);
        break;
      case 8:
        if (name == "language") return language();
        break;
      case 9:
        if (name == "extFields") return fields();
        break;
      default:
        break;
    }
    Value ignored;
    return value(ignored);
  }

  bool fields() {
    if (cursor_ != end_ && *cursor_ == 'n') {
      Value null;
      return value(null);
    }
    frame_.fields.clear();
    skip_space();
    if (!expect('{', "'{' expected")) return false;
    skip_space();
    if (accept('}')) return true;
    for (;;) {
      plain_fields();
      if (!field()) return false;
      skip_space();
      if (accept('}')) return true;
      if (!expect(',', "',' or '}' expected")) return false;
      skip_space();
    }
  }

  bool field() {
    std::string_view name;
    Value found;
    if (!member_name(name)) return false;
    skip_space();
    if (!value(found)) return false;
    if (found.null) return true;
    if (frame_.fields.size() == kMaxHeaderFields) return broken("too many extFields");
    frame_.fields.push_back({name, found.text});
    return true;
  }

  /// Takes fields for as long as they are as nearly all are: quoted, without escapes and spaces, another one behind.
  void plain_fields() {
    const char* at = cursor_;
    std::string_view name, text;
    while (frame_.fields.size() < kMaxHeaderFields) {
      if (!plain_string(at, name) || end_ - at < 3 || *at++ != ':') return;
      if (!plain_string(at, text) || at == end_ || *at++ != ',') return;
      frame_.fields.push_back({name, text});
      cursor_ = at;
    }
  }

  /// A string without escapes at `at`, which is moved behind it.
  bool plain_string(const char*& at, std::string_view& out) const {
    if (end_ - at < 3 || at[0] != '"') return false;
    const char* stop = at + 2;
    if (*stop != '"' || at[1] == '"' || at[1] == '\\') {
      stop = find_quote_or_backslash(at + 1, end_);
      if (stop == end_ || *stop != '"') return false;
    }
    out = {at + 1, static_cast<std::size_t>(stop - at - 1)};
    at = stop + 1;
    return true;
  }

  bool integer(std::int32_t& out) {
    Value found;
    if (!value(found)) return false;
    if (found.null) return true;
    return parse_decimal(found.text, out) || broken("32-bit number expected");
  }

  bool text(std::string_view& out) {
    Value found;
    if (!value(found)) return false;
    out = found.null ? std::string_view() : found.text;
    return true;
  }

  bool language() {
    Value found;
    if (!value(found)) return false;
    if (!found.null) frame_.language = language_from_name(found.text);
    return true;
  }

  /// Any value; objects and arrays are answered as their raw text.
  bool value(Value& out) {
    if (cursor_ == end_) return broken("value expected");
    if (*cursor_ == '"') {
      out.quoted = true;
      return string(out.text);
    }
    const char* from = cursor_;
    if (*cursor_ == '{' || *cursor_ == '[') {
      if (!skip_nested()) return false;
    } else if (!bare(out)) {
      return false;
    }
    out.text = {from, static_cast<std::size_t>(cursor_ - from)};
    return true;
  }

  bool bare(Value& out) {
    const std::string_view rest(cursor_, static_cast<std::size_t>(end_ - cursor_));
    const bool word = !rest.empty() && rest[0] >= 'a';
    for (std::string_view literal : {std::string_view("true"), std::string_view("false"), std::string_view("null")}) {
      if (!word) break;
      if (!rest.starts_with(literal)) continue;
      out.null = literal == "null";
      cursor_ += literal.size();
      return true;
    }
    const char* from = cursor_;
    while (cursor_ != end_ && is_number_char(*cursor_)) ++cursor_;
    return cursor_ != from || broken("value expected");
  }

  /// Skips an object or array. Only brackets and strings are looked at: nobody uses what is inside.
  bool skip_nested() {
    int depth = 0;
    char closers[kMaxHeaderNesting];
    do {
      if (cursor_ == end_) return broken("open object or array");
      const char c = *cursor_;
      if (c == '"') {
        if (!skip_string()) return false;
        continue;
      }
      if (c == '{' || c == '[') {
        if (depth == kMaxHeaderNesting) return broken("nested too deeply");
        closers[depth++] = c == '{' ? '}' : ']';
      } else if (c == '}' || c == ']') {
        if (closers[--depth] != c) return broken("bracket does not match");
      }
      ++cursor_;
    } while (depth != 0);
    return true;
  }

  bool skip_string() {
    ++cursor_;
    for (;;) {
      cursor_ = find_quote_or_backslash(cursor_, end_);
      if (cursor_ == end_) return broken("open string");
      if (*cursor_++ == '"') return true;
      if (cursor_ == end_) return broken("open string");
      ++cursor_;
    }
  }

  bool string(std::string_view& out) {
    if (!expect('"', "string expected")) return false;
    // Many values of a send header have one character.
    if (end_ - cursor_ >= 2 && cursor_[1] == '"' && cursor_[0] != '"' && cursor_[0] != '\\') {
      out = {cursor_, 1};
      cursor_ += 2;
      return true;
    }
    const char* stop = find_quote_or_backslash(cursor_, end_);
    if (stop != end_ && *stop == '"') {
      out = {cursor_, static_cast<std::size_t>(stop - cursor_)};
      cursor_ = stop + 1;
      return true;
    }
    const char* content = scratch_;
    stop = unescape_literal(cursor_, end_, scratch_);
    if (stop == nullptr) return broken("open string or bad escape");
    out = {content, static_cast<std::size_t>(scratch_ - content)};
    cursor_ = stop + 1;
    return true;
  }

  void skip_space() {
    while (cursor_ != end_ && is_space(*cursor_)) ++cursor_;
  }

  bool accept(char c) {
    if (cursor_ == end_ || *cursor_ != c) return false;
    ++cursor_;
    return true;
  }

  bool expect(char c, const char* defect) { return accept(c) || broken(defect); }

  bool broken(const char* defect) {
    defect_ = defect;
    return false;
  }

  const char* const begin_;
  const char* cursor_;
  const char* const end_;
  char* scratch_;
  Frame& frame_;
  const char* defect_ = "";
};

}  // namespace

Status decode_json_header(std::string_view header, char* scratch, Frame& frame) {
  return HeaderParser(header, scratch, frame).parse();
}

}  // namespace ogive::protocol
