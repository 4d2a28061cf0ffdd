#pragma once
// Hash maps and sets keyed by text, found by string_view without making a string. (Debian's Abseil has a string_view of
// its own, so its maps do not take std::string_view by themselves.)

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>
#include <absl/container/node_hash_map.h>

#include <functional>
#include <string>
#include <string_view>

namespace ogive {

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
struct TextEqual {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const { return a == b; }
};

template <class Value>
using StringMap = absl::flat_hash_map<std::string, Value, TextHash, TextEqual>;
/// Values stay where they are while others come and go.
template <class Value>
using StableStringMap = absl::node_hash_map<std::string, Value, TextHash, TextEqual>;
using StringSet = absl::flat_hash_set<std::string, TextHash, TextEqual>;

}  // namespace ogive
