#pragma once
// Fields that clients newer than 5.0 and the proxy may add to any header that names a topic or a group.
// What they mean: docs/protocol/headers.md.

#include "protocol/header.h"

namespace ogive::protocol {

/// Read it from the same frame as the code's own header; every field may be missing.
struct RoutingFields {
  std::optional<bool> logical;                  ///< The queue id is one of a static topic.
  std::optional<std::string_view> ns;           ///< Namespace.
  std::optional<bool> namespaced;               ///< Names carry the namespace already.
  std::optional<std::string_view> broker_name;  ///< The broker meant.
  std::optional<bool> one_way;

  static constexpr NameOverride kWireNames[] = {
      {"logical", "lo"}, {"namespaced", "nsd"}, {"broker_name", "bname"}, {"one_way", "oway"}};
};
BOOST_DESCRIBE_STRUCT(RoutingFields, (), (logical, ns, namespaced, broker_name, one_way))

}  // namespace ogive::protocol
