#include "message/properties.h"

namespace ogive::message {

std::optional<std::string_view> find_property(std::string_view properties, std::string_view name) {
  std::size_t at = 0;
  while (at < properties.size()) {
    std::size_t end = properties.find(kValueEnd, at);
    if (end == std::string_view::npos) end = properties.size();
    if (end - at > name.size() && properties[at + name.size()] == kNameEnd &&
        properties.compare(at, name.size(), name) == 0) {
      return properties.substr(at + name.size() + 1, end - at - name.size() - 1);
    }
    at = end + 1;
  }
  return std::nullopt;
}

void append_property(std::string& properties, std::string_view name, std::string_view value) {
  if (!properties.empty() && properties.back() != kValueEnd) properties += kValueEnd;
  properties += name;
  properties += kNameEnd;
  properties += value;
  properties += kValueEnd;
}

bool remove_property(std::string& properties, std::string_view name) {
  bool removed = false;
  while (auto value = find_property(properties, name)) {
    const std::size_t begin = static_cast<std::size_t>(value->data() - properties.data()) - name.size() - 1;
    std::size_t end = begin + name.size() + 1 + value->size();
    if (end < properties.size()) ++end;
    properties.erase(begin, end - begin);
    removed = true;
  }
  return removed;
}

void set_property(std::string& properties, std::string_view name, std::string_view value) {
  const std::string copy(value);  // `value` may point into `properties`.
  remove_property(properties, name);
  append_property(properties, name, copy);
}

}  // namespace ogive::message
