#pragma once
// JSON bodies. Users and access rules: 3001 to 3010.
// How structs become JSON: protocol/json.h and docs/protocol/json.md.

#include "protocol/json.h"

namespace ogive::protocol {

/// A user.
struct UserInfo {
  std::optional<std::string> username;
  std::optional<std::string> password;
  std::optional<std::string> user_type;
  std::optional<std::string> user_status;
};
BOOST_DESCRIBE_STRUCT(UserInfo, (), (username, password, user_type, user_status))

/// One rule.
struct PolicyEntryInfo {
  std::optional<std::string> resource;
  std::optional<std::vector<std::string>> actions;
  std::optional<std::vector<std::string>> source_ips;
  std::optional<std::string> decision;
};
BOOST_DESCRIBE_STRUCT(PolicyEntryInfo, (), (resource, actions, source_ips, decision))

/// Rules of one kind.
struct PolicyInfo {
  std::optional<std::string> policy_type;
  std::optional<std::vector<PolicyEntryInfo>> entries;
};
BOOST_DESCRIBE_STRUCT(PolicyInfo, (), (policy_type, entries))

/// A subject's rules.
struct AclInfo {
  std::optional<std::string> subject;
  std::optional<std::vector<PolicyInfo>> policies;
};
BOOST_DESCRIBE_STRUCT(AclInfo, (), (subject, policies))

}  // namespace ogive::protocol
