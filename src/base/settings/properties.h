#pragma once
// Reader and writer of java.util.Properties text (the -c files, and the bodies of UPDATE_BROKER_CONFIG and
// GET_BROKER_CONFIG).
//
// Format: the class documentation of java.util.Properties (load(Reader)). One liberty: an XML comment `<!-- … -->` at
// the start of a line, as some configuration files of RocketMQ carry around their licence, is skipped instead of being
// read as keys.

#include <string>
#include <string_view>
#include <vector>

namespace ogive::settings {

/// One assignment of a file. Lines count from 1.
struct Property {
  std::string key;
  std::string value;
  int line = 0;
};

/// The assignments of a text in their order; of a repeated key the last one counts. Plain data.
class Properties {
 public:
  /// Never fails: Java has no malformed properties either. A `\u` without four hexadecimal digits is kept as it stands.
  static Properties parse(std::string_view text);

  /// The effective value, or nullptr.
  const Property* find(std::string_view key) const;

  /// Each key once, with its last value, in the order of that last value.
  const std::vector<Property>& entries() const { return entries_; }

  /// Sets or replaces; `line` 0 means "not from a file" (the command line, a request).
  void set(std::string key, std::string value, int line = 0);

 private:
  std::vector<Property> entries_;
};

/// `text` with the values of `changes`: each at the place of its key's last assignment (behind the text where there is
/// none), everything else, comments included, byte for byte as it was.
std::string with_changes(std::string_view text, const Properties& changes);

/// `key=value\n`, escaped so that both parsers read back the same text.
std::string property_line(std::string_view key, std::string_view value);

/// The order in which a Java program that holds these keys in a Properties object of JDK 9 or later walks through them,
/// as far as hash buckets decide it (mqadmin prints configurations in that order). Keys of one bucket keep their order.
std::vector<std::string> java_hash_order(std::vector<std::string> keys);

}  // namespace ogive::settings
