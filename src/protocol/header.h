#pragma once
// Typed headers: a struct per code whose members are the header's fields, read from and written to either
// serialization. The structs are in headers/; each is declared once, with BOOST_DESCRIBE_STRUCT. Table:
// docs/protocol/headers.md.

#include <array>
#include <boost/mp11.hpp>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

#include "base/error.h"
#include "protocol/frame.h"
#include "protocol/wire_name.h"

namespace ogive::protocol {

// A member's type says what its absence means:
//   T                mandatory: decoding fails without it (std::string_view, std::int32_t, std::int64_t, bool)
//   std::optional<T> may be missing, and is not written when it has no value
//   Defaulted<T, v>  missing reads as v, and is always written
// Views point into the frame (decoding) or into what the caller keeps until encode_header returns.

/// A field with a default; behaves like its value.
template <class T, T kDefault = T{}>
struct Defaulted {
  T value = kDefault;
  constexpr Defaulted() = default;
  constexpr Defaulted(T initial) : value(initial) {}  // NOLINT: meant to be implicit
  constexpr operator T() const { return value; }      // NOLINT: meant to be implicit
};

namespace detail {

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <class T>
inline constexpr bool kIsDefaulted = false;
template <class T, T v>
inline constexpr bool kIsDefaulted<Defaulted<T, v>> = true;

// Reads one value as Java's parsers do: numbers in decimal with an optional sign, every text but "true" in any case is
// false.
bool parse_field(std::string_view text, std::int32_t& out);
bool parse_field(std::string_view text, std::int64_t& out);
bool parse_field(std::string_view text, bool& out);
inline bool parse_field(std::string_view text, std::string_view& out) {
  out = text;
  return true;
}
template <class T>
bool parse_field(std::string_view text, std::optional<T>& out) {
  return parse_field(text, out.emplace());
}
template <class T, T v>
bool parse_field(std::string_view text, Defaulted<T, v>& out) {
  return parse_field(text, out.value);
}

std::unexpected<Error> missing_field(std::string_view name);
std::unexpected<Error> bad_field(std::string_view name, std::string_view value);

template <class Sink, class T>
void write_field(Sink& writer, std::string_view name, const T& value) {
  if constexpr (kIsOptional<T>) {
    if (value.has_value()) writer.field(name, *value);
  } else if constexpr (kIsDefaulted<T>) {
    writer.field(name, value.value);
  } else {
    writer.field(name, value);
  }
}

}  // namespace detail

/// Reads a header from a frame's fields. kInvalidArgument "the custom field <x> is null" for a missing mandatory field
/// (the remark that clients know from code 1); kInvalidArgument naming field and value for a value that is no number.
/// Fields without a member are ignored. An empty value in a binary header counts as missing: the format cannot tell
/// them apart.
template <class Header>
Result<Header> decode_header(const Frame& frame) {
  using Members = WireMembers<Header>;
  constexpr std::size_t kCount = boost::mp11::mp_size<Members>::value;
  std::array<const Field*, kCount == 0 ? 1 : kCount> found{};
  const bool empty_is_missing = frame.serialization == Serialization::kRocketmq;
  for (const Field& field : frame.fields) {
    if (empty_is_missing && field.value.empty()) continue;
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (void)((field.name == WireMember<boost::mp11::mp_at_c<Members, I>>::kName && (found[I] = &field, true)) || ...);
    }(std::make_index_sequence<kCount>());
  }
  Header header;
  Status status;
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    const auto read = [&]<class Descriptor>(Descriptor, const Field* field) {
      auto& member = header.*Descriptor::pointer;
      using Type = std::remove_reference_t<decltype(member)>;
      if (field == nullptr) {
        if constexpr (detail::kIsOptional<Type> || detail::kIsDefaulted<Type>) return true;
        status = detail::missing_field(WireMember<Descriptor>::kName);
        return false;
      }
      if (detail::parse_field(field->value, member)) return true;
      status = detail::bad_field(field->name, field->value);
      return false;
    };
    (void)(read(boost::mp11::mp_at_c<Members, I>{}, found[I]) && ...);
  }(std::make_index_sequence<kCount>());
  if (!status.has_value()) return fail(std::move(status).error());
  return header;
}

/// Writes every field that has a value into a FrameWriter (after remark(), before finish()) or anything else with its
/// three field() functions, such as an owned message.
template <class Header, class Sink>
void encode_header(const Header& header, Sink& writer) {
  boost::mp11::mp_for_each<WireMembers<Header>>([&](auto descriptor) {
    detail::write_field(writer, WireMember<decltype(descriptor)>::kName, header.*descriptor.pointer);
  });
}

}  // namespace ogive::protocol
