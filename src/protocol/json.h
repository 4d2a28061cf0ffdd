#pragma once
// JSON bodies as C++ structs: a struct declared with BOOST_DESCRIBE_STRUCT is read and written without further code.
// Wire names: protocol/wire_name.h. Which member types there are and how they look as JSON: docs/protocol/json.md.

#include <algorithm>
#include <array>
#include <boost/mp11.hpp>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "protocol/json_reader.h"
#include "protocol/json_writer.h"
#include "protocol/wire_name.h"

namespace ogive::protocol {

/// The wire names of an enum whose enumerators count from 0; specialise for each enum that travels.
template <class Enum>
inline constexpr std::array<std::string_view, 0> kEnumNames{};

/// The wire name of an enumerator.
template <class Enum>
constexpr std::string_view enum_name(Enum value) {
  const auto index = static_cast<std::size_t>(value);
  return index < kEnumNames<Enum>.size() ? kEnumNames<Enum>[index] : std::string_view();
}

namespace detail {

template <class T>
concept Described = boost::describe::has_describe_members<T>::value;

template <class T>
inline constexpr bool kIsVector = false;
template <class T>
inline constexpr bool kIsVector<std::vector<T>> = true;
template <class T>
inline constexpr bool kIsSet = false;
template <class T>
inline constexpr bool kIsSet<std::set<T>> = true;
template <class T>
inline constexpr bool kIsMap = false;
template <class K, class V>
inline constexpr bool kIsMap<std::map<K, V>> = true;
template <class T>
inline constexpr bool kIsJsonOptional = false;
template <class T>
inline constexpr bool kIsJsonOptional<std::optional<T>> = true;

template <class Struct, std::size_t... I>
constexpr auto names_of(std::index_sequence<I...>) {
  return std::array<std::string_view, sizeof...(I)>{WireMember<boost::mp11::mp_at_c<WireMembers<Struct>, I>>::kName...};
}

/// Positions of a struct's members in the order of their wire names, in which fastjson writes them.
template <class Struct>
inline constexpr auto kSortedMembers = [] {
  constexpr std::size_t kCount = boost::mp11::mp_size<WireMembers<Struct>>::value;
  constexpr auto kNames = names_of<Struct>(std::make_index_sequence<kCount>());
  std::array<std::size_t, kCount> order{};
  for (std::size_t i = 0; i < kCount; ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return kNames[a] < kNames[b]; });
  return order;
}();

}  // namespace detail

template <class T>
void write_json(JsonWriter& writer, const T& value);
template <class T>
bool read_json(JsonReader& reader, T& value);

namespace detail {

template <class T>
void write_member(JsonWriter& writer, std::string_view name, const T& value) {
  if constexpr (kIsJsonOptional<T>) {
    if (!value.has_value()) return;
    writer.key(name);
    write_json(writer, *value);
  } else {
    writer.key(name);
    write_json(writer, value);
  }
}

template <class Struct>
void write_struct(JsonWriter& writer, const Struct& value) {
  writer.begin_object();
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    const auto write = [&]<class Descriptor>(Descriptor) {
      write_member(writer, WireMember<Descriptor>::kName, value.*Descriptor::pointer);
    };
    (write(boost::mp11::mp_at_c<WireMembers<Struct>, kSortedMembers<Struct>[I]> {}), ...);
  }(std::make_index_sequence<kSortedMembers<Struct>.size()>());
  writer.end_object();
}

template <class Key, class Value>
void write_map(JsonWriter& writer, const std::map<Key, Value>& map) {
  writer.begin_object();
  for (const auto& [key, value] : map) {
    if constexpr (std::is_integral_v<Key>) {
      writer.integer_key(key);
    } else if constexpr (Described<Key>) {
      writer.begin_object_key();
      write_struct(writer, key);
      writer.end_object_key();
    } else {
      writer.key(key);
    }
    write_json(writer, value);
  }
  writer.end_object();
}

/// Reads a member if `name` is its name; `matched` says whether it was.
template <class Struct>
bool read_member(JsonReader& reader, Struct& value, std::string_view name, bool& matched) {
  bool ok = true;
  boost::mp11::mp_for_each<WireMembers<Struct>>([&](auto descriptor) {
    if (matched || name != WireMember<decltype(descriptor)>::kName) return;
    matched = true;
    ok = read_json(reader, value.*descriptor.pointer);
  });
  return ok;
}

template <class Struct>
bool read_struct(JsonReader& reader, Struct& value) {
  return reader.object([&] {
    std::string_view name;
    if (!reader.key(name)) return false;
    bool matched = false;
    if (!read_member(reader, value, name, matched)) return false;
    return matched || reader.skip();
  });
}

template <class Key>
bool read_key(JsonReader& reader, Key& key) {
  if constexpr (Described<Key>) {
    if (reader.peek() == '{') return read_struct(reader, key) && reader.colon();
    // Standard JSON has the object inside a string.
    std::string_view name;
    if (!reader.key(name)) return false;
    const std::string text(name);
    JsonReader inner(text);
    return (read_struct(inner, key) && inner.finish().has_value()) ||
           reader.failed("object expected in the name before");
  } else if constexpr (std::is_integral_v<Key>) {
    std::int64_t number = 0;
    if (!reader.integer(number)) return false;
    if (number < std::numeric_limits<Key>::min() || number > std::numeric_limits<Key>::max()) {
      return reader.failed("number out of range before");
    }
    key = static_cast<Key>(number);
    return reader.colon();
  } else {
    std::string_view name;
    if (!reader.key(name)) return false;
    key = name;
    return true;
  }
}

template <class Key, class Value>
bool read_map(JsonReader& reader, std::map<Key, Value>& map) {
  map.clear();
  return reader.object([&] {
    Key key{};
    if (!read_key(reader, key)) return false;
    Value value{};
    if (!read_json(reader, value)) return false;
    map.insert_or_assign(std::move(key), std::move(value));
    return true;
  });
}

/// Enumerators come by name, or as a number from clients that write no names; what is unknown leaves the default.
template <class Enum>
bool read_enum(JsonReader& reader, Enum& value) {
  std::string_view name;
  if (!reader.text(name)) return false;
  constexpr const auto& kNames = kEnumNames<Enum>;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name || (name.size() == 1 && i < 10 && name[0] == static_cast<char>('0' + i)))
      value = static_cast<Enum>(i);
  }
  return true;
}

}  // namespace detail

/// Writes any supported value.
template <class T>
void write_json(JsonWriter& writer, const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    writer.boolean(value);
  } else if constexpr (std::is_enum_v<T>) {
    writer.string(enum_name(value));
  } else if constexpr (std::is_integral_v<T>) {
    writer.integer(value);
  } else if constexpr (std::is_floating_point_v<T>) {
    writer.number(value);
  } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    writer.string(value);
  } else if constexpr (detail::kIsVector<T> || detail::kIsSet<T>) {
    writer.begin_array();
    for (const auto& element : value) {
      writer.element();
      write_json(writer, element);
    }
    writer.end_array();
  } else if constexpr (detail::kIsMap<T>) {
    detail::write_map(writer, value);
  } else if constexpr (detail::kIsJsonOptional<T>) {
    value.has_value() ? write_json(writer, *value) : writer.null();
  } else {
    detail::write_struct(writer, value);
  }
}

/// Reads any supported value. Null leaves it as it is, unknown members are skipped, missing ones keep their default.
template <class T>
bool read_json(JsonReader& reader, T& value) {
  if (reader.null()) return true;
  if constexpr (std::is_same_v<T, bool>) {
    return reader.boolean(value);
  } else if constexpr (std::is_enum_v<T>) {
    return detail::read_enum(reader, value);
  } else if constexpr (std::is_integral_v<T>) {
    std::int64_t number = 0;
    if (!reader.integer(number)) return false;
    if (number < std::numeric_limits<T>::min() || number > std::numeric_limits<T>::max()) {
      return reader.failed("number out of range before");
    }
    value = static_cast<T>(number);
    return true;
  } else if constexpr (std::is_floating_point_v<T>) {
    return reader.number(value);
  } else if constexpr (std::is_same_v<T, std::string>) {
    std::string_view text;
    if (!reader.text(text)) return false;
    value = text;
    return true;
  } else if constexpr (detail::kIsVector<T>) {
    value.clear();
    return reader.array([&] { return read_json(reader, value.emplace_back()); });
  } else if constexpr (detail::kIsSet<T>) {
    value.clear();
    return reader.array([&] {
      typename T::value_type element{};
      if (!read_json(reader, element)) return false;
      value.insert(std::move(element));
      return true;
    });
  } else if constexpr (detail::kIsMap<T>) {
    return detail::read_map(reader, value);
  } else if constexpr (detail::kIsJsonOptional<T>) {
    return read_json(reader, value.emplace());
  } else {
    return detail::read_struct(reader, value);
  }
}

/// A body as JSON text.
template <class T>
std::string to_json(const T& value, JsonStyle style = {}) {
  std::string text;
  JsonWriter writer(text, style);
  write_json(writer, value);
  return text;
}

/// Reads a body; kCorrupt names the defect and its position.
template <class T>
Result<T> from_json(std::string_view text) {
  T value{};
  JsonReader reader(text);
  if (!read_json(reader, value)) reader.failed("value expected");
  const Status status = reader.finish();
  if (!status.has_value()) return fail(status.error());
  return value;
}
template <class T>
Result<T> from_json(ByteView body) {
  return from_json<T>(as_chars(body));
}

}  // namespace ogive::protocol
