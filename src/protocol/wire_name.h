#pragma once
// Names of struct members as peers know them: camelCase, worked out at compile time from the snake_case member names
// that Boost.Describe lists. Used for header fields and JSON bodies alike.

#include <array>
#include <boost/describe.hpp>
#include <cstddef>
#include <string_view>
#include <type_traits>

namespace ogive::protocol {

/// A member whose wire name does not follow from its own name. A struct with such members declares
///   static constexpr NameOverride kWireNames[] = {{"client_id", "clientID"}};
struct NameOverride {
  std::string_view member;
  std::string_view wire;
};

namespace detail {

template <class Pointer>
struct OwnerOf;
template <class Owner, class Type>
struct OwnerOf<Type Owner::*> {
  using type = Owner;
  using member_type = Type;
};

template <class Owner>
constexpr std::string_view overridden_name(std::string_view member) {
  if constexpr (requires { Owner::kWireNames; }) {
    for (const NameOverride& name : Owner::kWireNames) {
      if (name.member == member) return name.wire;
    }
  }
  return {};
}

}  // namespace detail

/// Describes one described member: its wire name and how to reach it.
template <class Descriptor>
struct WireMember {
  using Owner = typename detail::OwnerOf<std::remove_cv_t<decltype(Descriptor::pointer)>>::type;
  using Type = typename detail::OwnerOf<std::remove_cv_t<decltype(Descriptor::pointer)>>::member_type;

  static constexpr std::string_view kMemberName = Descriptor::name;

 private:
  struct Buffer {
    std::array<char, 64> text{};
    std::size_t size = 0;
  };
  // snake_case becomes camelCase; an underscore at the end only keeps a name from being a C++ keyword.
  static constexpr Buffer kBuffer = [] {
    Buffer buffer;
    const std::string_view overridden = detail::overridden_name<Owner>(kMemberName);
    const std::string_view from = overridden.empty() ? kMemberName : overridden;
    bool upper = false;
    for (const char c : from) {
      if (c == '_' && overridden.empty()) {
        upper = true;
        continue;
      }
      buffer.text[buffer.size++] = upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      upper = false;
    }
    return buffer;
  }();

 public:
  static constexpr std::string_view kName{kBuffer.text.data(), kBuffer.size};
};

/// The described members of a struct, those of its described bases first.
template <class Struct>
using WireMembers =
    boost::describe::describe_members<Struct, boost::describe::mod_public | boost::describe::mod_inherited>;

}  // namespace ogive::protocol
