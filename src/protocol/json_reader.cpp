#include "protocol/json_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "protocol/json_text.h"

namespace ogive::protocol {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/// Characters of numbers, literals and unquoted names.
bool is_bare(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '+' ||
         c == '.' || c == '_' || c == '$';
}

/// Printable text around a defect, for the error message.
std::string excerpt(const char* from, const char* end) {
  std::string text(from, std::min<std::size_t>(24, static_cast<std::size_t>(end - from)));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = '.';
  }
  return text;
}

}  // namespace

Status JsonReader::finish() {
  if (defect_ == nullptr) {
    skip_space();
    if (cursor_ == end_) return {};
    failed("text behind the value");
  }
  return fail(Errc::kCorrupt, fmt::format("JSON of {} bytes: {} at byte {} (\"{}\")", end_ - begin_, defect_,
                                          defect_at_ - begin_, excerpt(defect_at_, end_)));
}

bool JsonReader::failed(const char* defect) {
  if (defect_ == nullptr) {
    defect_ = defect;
    defect_at_ = cursor_;
  }
  return false;
}

void JsonReader::skip_space() {
  while (cursor_ != end_ && is_space(*cursor_)) ++cursor_;
}

char JsonReader::peek() {
  skip_space();
  return cursor_ == end_ ? '\0' : *cursor_;
}

bool JsonReader::open(char bracket) {
  if (defect_ != nullptr) return false;
  if (peek() != bracket) return failed(bracket == '{' ? "object expected" : "array expected");
  if (++depth_ > kMaxJsonDepth) return failed("nested too deeply");
  ++cursor_;
  return true;
}

bool JsonReader::more(char closing, bool first) {
  if (defect_ != nullptr) return false;
  const char next = peek();
  if (next == closing) {
    ++cursor_;
    return false;
  }
  if (!first) {
    if (next != ',') return failed(closing == '}' ? "',' or '}' expected" : "',' or ']' expected");
    ++cursor_;
  }
  if (++items_ > kMaxJsonItems) return failed("too many values");
  return true;
}

bool JsonReader::close() {
  --depth_;
  return defect_ == nullptr;
}

bool JsonReader::colon() {
  if (peek() != ':') return failed("':' expected");
  ++cursor_;
  return true;
}

bool JsonReader::key(std::string_view& name) {
  return (peek() == '"' ? string(name) : bare(name)) && colon();
}

bool JsonReader::null() {
  static constexpr std::string_view kNull = "null";
  if (peek() != 'n' || !std::string_view(cursor_, static_cast<std::size_t>(end_ - cursor_)).starts_with(kNull))
    return false;
  if (static_cast<std::size_t>(end_ - cursor_) > kNull.size() && is_bare(cursor_[kNull.size()])) return false;
  cursor_ += kNull.size();
  return true;
}

bool JsonReader::bare(std::string_view& out) {
  skip_space();
  const char* from = cursor_;
  while (cursor_ != end_ && is_bare(*cursor_)) ++cursor_;
  out = {from, static_cast<std::size_t>(cursor_ - from)};
  return !out.empty() || failed("value expected");
}

bool JsonReader::string(std::string_view& out) {
  if (defect_ != nullptr) return false;
  if (peek() != '"') return failed("string expected");
  const char* from = cursor_ + 1;
  const char* stop = find_quote_or_backslash(from, end_);
  if (stop != end_ && *stop == '"') {
    out = {from, static_cast<std::size_t>(stop - from)};
    cursor_ = stop + 1;
    return true;
  }
  // The literal's end is not known yet; what it can become is no longer than itself.
  const char* closing = stop;
  while (closing != end_ && *closing != '"') {
    closing = end_ - closing < 2 ? end_ : find_quote_or_backslash(closing + 2, end_);
  }
  if (closing == end_) return failed("open string");
  scratch_.resize(static_cast<std::size_t>(closing - from) +
                  1);  // As much room as is left in the text, quote included.
  char* to = scratch_.data();
  stop = unescape_literal(from, closing + 1, to);
  if (stop == nullptr) return failed("bad escape in a string");
  out = {scratch_.data(), static_cast<std::size_t>(to - scratch_.data())};
  cursor_ = stop + 1;
  return true;
}

bool JsonReader::text(std::string_view& out) {
  if (defect_ != nullptr) return false;
  return peek() == '"' ? string(out) : bare(out);
}

bool JsonReader::raw(std::string_view& out) {
  skip_space();
  const char* from = cursor_;
  if (!skip()) return false;
  out = {from, static_cast<std::size_t>(cursor_ - from)};
  return true;
}

bool JsonReader::integer(std::int64_t& out) {
  std::string_view digits;
  if (!text(digits)) return false;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return (error == std::errc() && end == digits.data() + digits.size()) || failed("integer expected before");
}

bool JsonReader::number(double& out) {
  std::string_view digits;
  if (!text(digits)) return false;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return (error == std::errc() && end == digits.data() + digits.size()) || failed("number expected before");
}

bool JsonReader::boolean(bool& out) {
  std::string_view literal;
  if (!text(literal)) return false;
  if (literal != "true" && literal != "false") return failed("true or false expected before");
  out = literal == "true";
  return true;
}

bool JsonReader::skip() {
  if (defect_ != nullptr) return false;
  std::string_view ignored;
  switch (peek()) {
    case '{':
      return object([this, &ignored] {
        // A name may itself be an object.
        return peek() == '{' ? skip() && colon() && skip() : key(ignored) && skip();
      });
    case '[':
      return array([this] { return skip(); });
    default:
      return text(ignored);
  }
}

}  // namespace ogive::protocol
