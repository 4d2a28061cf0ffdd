#pragma once
// The shape of a JSON text: which members it has and of which type, not their values. For comparing answers with
// recorded ones, whose numbers and names differ.

#include <set>
#include <string>
#include <string_view>

#include "protocol/json_reader.h"

namespace ogive::testing_support {

namespace detail {

/// Objects whose member names are data: the shape has one "*" for all of them.
inline bool is_map(std::string_view name) {
  static const std::set<std::string, std::less<>> kMaps = {"offsetTable",
                                                           "pullOffsetTable",
                                                           "groupTopicMap",
                                                           "topicConfigTable",
                                                           "subscriptionGroupTable",
                                                           "subscriptionTable",
                                                           "table",
                                                           "data",
                                                           "forbiddenTable",
                                                           "attributes",
                                                           "consumerTable",
                                                           "mqTable",
                                                           "messageQueueTable",
                                                           "mqPopTable",
                                                           "statusTable",
                                                           "consumeStatsList",
                                                           "topicQueueMappingInfoMap",
                                                           "topicQueueMappingDetailMap"};
  return kMaps.contains(name);
}

inline bool add_shape(protocol::JsonReader& reader, const std::string& path, bool map, std::set<std::string>& shape) {
  const char first = reader.peek();
  if (first == '{') {
    return reader.object([&] {
      std::string_view name;
      if (reader.peek() == '{') {
        if (!reader.raw(name) || !reader.colon()) return false;
        return add_shape(reader, path + ".*", false, shape);
      }
      if (!reader.key(name)) return false;
      const std::string member(name);
      return add_shape(reader, map ? path + ".*" : path + "." + member, is_map(member), shape);
    });
  }
  if (first == '[') {
    return reader.array([&] { return add_shape(reader, path + "[]", map, shape); });
  }
  std::string_view text;
  if (!reader.raw(text)) return false;
  const bool literal = text == "true" || text == "false";
  shape.insert(path + (first == '"' ? ":text" : literal ? ":bool" : text == "null" ? ":null" : ":number"));
  return true;
}

}  // namespace detail

/// Paths and types (".offsetTable.*.brokerOffset:number"); one element "malformed: …" when it is no JSON.
inline std::set<std::string> json_shape(std::string_view text) {
  std::set<std::string> shape;
  protocol::JsonReader reader(text);
  detail::add_shape(reader, "", false, shape);
  if (const Status read = reader.finish(); !read) return {"malformed: " + read.error().message()};
  return shape;
}

}  // namespace ogive::testing_support
