#include "base/settings/properties.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>

namespace ogive::settings {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\f';
}

void append_utf8(std::string& out, std::uint32_t code_point) {
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    out += static_cast<char>(0xC0 | (code_point >> 6));
    out += static_cast<char>(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    out += static_cast<char>(0xE0 | (code_point >> 12));
    out += static_cast<char>(0x80 | ((code_point >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code_point & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (code_point >> 18));
    out += static_cast<char>(0x80 | ((code_point >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((code_point >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code_point & 0x3F));
  }
}

/// Four hexadecimal digits at `at`, or -1.
int hex4(std::string_view text, std::size_t at) {
  if (at + 4 > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    const char c = text[i];
    int digit = 0;
    if (c >= '0' && c <= '9') {
      digit = c - '0';
    } else if (c >= 'a' && c <= 'f') {
      digit = c - 'a' + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = c - 'A' + 10;
    } else {
      return -1;
    }
    value = value * 16 + digit;
  }
  return value;
}

/// Reads the `\uXXXX` whose backslash is at `at` (with a second one when it is half of a pair) and returns its length,
/// or 0.
std::size_t unescape_unicode(std::string_view text, std::size_t at, std::string& out) {
  const int high = hex4(text, at + 2);
  if (high < 0) return 0;
  if (high >= 0xD800 && high < 0xDC00 && at + 12 <= text.size() && text[at + 6] == '\\' && text[at + 7] == 'u') {
    const int low = hex4(text, at + 8);
    if (low >= 0xDC00 && low < 0xE000) {
      append_utf8(out, 0x10000u + ((static_cast<std::uint32_t>(high) - 0xD800u) << 10) +
                           (static_cast<std::uint32_t>(low) - 0xDC00u));
      return 12;
    }
  }
  append_utf8(out, static_cast<std::uint32_t>(high));
  return 6;
}

std::string unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '\\' || i + 1 >= text.size()) {
      if (text[i] != '\\') out += text[i];
      ++i;
      continue;
    }
    if (text[i + 1] == 'u') {
      const std::size_t length = unescape_unicode(text, i, out);
      if (length == 0) out += '\\';
      i += length == 0 ? 1 : length;
      continue;
    }
    switch (text[i + 1]) {
      case 't':
        out += '\t';
        break;
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 'f':
        out += '\f';
        break;
      default:
        out += text[i + 1];
    }
    i += 2;
  }
  return out;
}

/// Cuts a text into logical lines: continuation lines joined, comments and empty lines left out.
class LineReader {
 public:
  explicit LineReader(std::string_view text) : text_(text) {}

  bool next(std::string& logical, int& line) {
    logical.clear();
    bool continued = false;
    while (at_ < text_.size()) {
      const int natural_line = line_ + 1;
      std::string_view natural = natural_line_text();
      const std::size_t first = natural.find_first_not_of(" \t\f");
      natural = first == std::string_view::npos ? std::string_view() : natural.substr(first);
      if (!continued) begin_ = natural_begin_;
      if (!continued) {
        if (skip_xml_comment(natural)) continue;
        if (natural.empty() || natural[0] == '#' || natural[0] == '!') continue;
        line = natural_line;
      }
      std::size_t backslashes = 0;
      while (backslashes < natural.size() && natural[natural.size() - 1 - backslashes] == '\\') ++backslashes;
      const bool more = backslashes % 2 == 1;
      logical += more ? natural.substr(0, natural.size() - 1) : natural;
      if (!more) return true;
      continued = true;
    }
    return continued;
  }

  /// Where the last logical line begins in the text, and where the one behind it does.
  std::size_t begin() const { return begin_; }
  std::size_t end() const { return at_; }

 private:
  std::string_view natural_line_text() {
    natural_begin_ = at_;
    const std::size_t end = std::min(text_.find_first_of("\r\n", at_), text_.size());
    const std::string_view natural = text_.substr(at_, end - at_);
    at_ = end;
    if (at_ < text_.size()) at_ += text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n' ? 2 : 1;
    ++line_;
    return natural;
  }

  /// Skips to the end of an XML comment that begins or goes on in this line.
  bool skip_xml_comment(std::string_view natural) {
    if (!in_xml_comment_ && !natural.starts_with("<!--")) return false;
    in_xml_comment_ = natural.find("-->") == std::string_view::npos;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t begin_ = 0;
  std::size_t natural_begin_ = 0;
  int line_ = 0;
  bool in_xml_comment_ = false;
};

Property split(std::string_view logical, int line) {
  std::size_t key_end = 0;
  while (key_end < logical.size() && logical[key_end] != '=' && logical[key_end] != ':' &&
         !is_blank(logical[key_end])) {
    key_end += logical[key_end] == '\\' ? 2 : 1;
  }
  key_end = std::min(key_end, logical.size());
  std::size_t value = key_end;
  while (value < logical.size() && is_blank(logical[value])) ++value;
  if (value < logical.size() && (logical[value] == '=' || logical[value] == ':')) {
    ++value;
    while (value < logical.size() && is_blank(logical[value])) ++value;
  }
  return {unescape(logical.substr(0, key_end)), unescape(logical.substr(value)), line};
}

void append_escaped(std::string& out, std::string_view text, bool is_key) {
  bool at_start = true;
  for (const char c : text) {
    switch (c) {
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\f':
        out += "\\f";
        break;
      case ' ':
        out += is_key || at_start ? "\\ " : " ";
        break;
      case '=':
      case ':':
      case '#':
      case '!':
        if (is_key) out += '\\';
        out += c;
        break;
      default:
        out += c;
    }
    at_start = false;
  }
}

std::uint32_t java_hash(std::string_view text) {
  std::uint32_t hash = 0;  // Keys are ASCII, so bytes are Java's chars.
  for (const char c : text) hash = hash * 31 + static_cast<unsigned char>(c);
  return hash;
}

}  // namespace

Properties Properties::parse(std::string_view text) {
  Properties properties;
  LineReader reader(text);
  std::string logical;
  int line = 0;
  while (reader.next(logical, line)) {
    Property property = split(logical, line);
    properties.set(std::move(property.key), std::move(property.value), line);
  }
  return properties;
}

const Property* Properties::find(std::string_view key) const {
  const auto found = std::ranges::find(entries_, key, &Property::key);
  return found == entries_.end() ? nullptr : &*found;
}

void Properties::set(std::string key, std::string value, int line) {
  std::erase_if(entries_, [&](const Property& entry) { return entry.key == key; });
  entries_.push_back({std::move(key), std::move(value), line});
}

std::string with_changes(std::string_view text, const Properties& changes) {
  struct Place {
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  std::map<std::string, Place> places;  // Of the assignments that count.
  LineReader reader(text);
  std::string logical;
  for (int line = 0; reader.next(logical, line);) {
    const Property property = split(logical, line);
    if (changes.find(property.key) != nullptr) places[property.key] = {reader.begin(), reader.end()};
  }
  std::map<std::size_t, std::pair<std::size_t, std::string>> edits;  // Begin to end and replacement.
  std::string added;
  for (const Property& change : changes.entries()) {
    if (const auto found = places.find(change.key); found != places.end()) {
      edits[found->second.begin] = {found->second.end, property_line(change.key, change.value)};
    } else {
      added += property_line(change.key, change.value);
    }
  }
  std::string result;
  std::size_t copied = 0;
  for (const auto& [begin, edit] : edits) {
    result += text.substr(copied, begin - copied);
    result += edit.second;
    copied = edit.first;
  }
  result += text.substr(copied);
  if (!added.empty() && !result.empty() && result.back() != '\n' && result.back() != '\r') result += '\n';
  return result + added;
}

std::string property_line(std::string_view key, std::string_view value) {
  std::string out;
  append_escaped(out, key, true);
  out += '=';
  append_escaped(out, value, false);
  out += '\n';
  return out;
}

std::vector<std::string> java_hash_order(std::vector<std::string> keys) {
  std::size_t buckets = 8;
  while (keys.size() > buckets * 3 / 4) buckets *= 2;
  std::ranges::stable_sort(keys, {}, [buckets](const std::string& key) {
    const std::uint32_t hash = java_hash(key);
    return (hash ^ (hash >> 16)) & 0x7FFFFFFFu & (buckets - 1);
  });
  return keys;
}

}  // namespace ogive::settings
