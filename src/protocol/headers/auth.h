#pragma once
// Headers. Users and access rules: 3001 to 3010.
// What the fields mean: docs/protocol/headers.md. What a member's type says about its absence: protocol/header.h.

#include "protocol/header.h"

namespace ogive::protocol {

/// AUTH_CREATE_USER (3001).
struct CreateUserRequestHeader {
  std::optional<std::string_view> username;
};
BOOST_DESCRIBE_STRUCT(CreateUserRequestHeader, (), (username))

/// AUTH_UPDATE_USER (3002).
struct UpdateUserRequestHeader {
  std::optional<std::string_view> username;
};
BOOST_DESCRIBE_STRUCT(UpdateUserRequestHeader, (), (username))

/// AUTH_DELETE_USER (3003).
struct DeleteUserRequestHeader {
  std::optional<std::string_view> username;
};
BOOST_DESCRIBE_STRUCT(DeleteUserRequestHeader, (), (username))

/// AUTH_GET_USER (3004).
struct GetUserRequestHeader {
  std::optional<std::string_view> username;
};
BOOST_DESCRIBE_STRUCT(GetUserRequestHeader, (), (username))

/// AUTH_LIST_USER (3005).
struct ListUsersRequestHeader {
  std::optional<std::string_view> filter;
};
BOOST_DESCRIBE_STRUCT(ListUsersRequestHeader, (), (filter))

/// AUTH_CREATE_ACL (3006).
struct CreateAclRequestHeader {
  std::optional<std::string_view> subject;
};
BOOST_DESCRIBE_STRUCT(CreateAclRequestHeader, (), (subject))

/// AUTH_UPDATE_ACL (3007).
struct UpdateAclRequestHeader {
  std::optional<std::string_view> subject;
};
BOOST_DESCRIBE_STRUCT(UpdateAclRequestHeader, (), (subject))

/// AUTH_DELETE_ACL (3008).
struct DeleteAclRequestHeader {
  std::optional<std::string_view> subject;
  std::optional<std::string_view> policy_type;
  std::optional<std::string_view> resource;
};
BOOST_DESCRIBE_STRUCT(DeleteAclRequestHeader, (), (subject, policy_type, resource))

/// AUTH_GET_ACL (3009).
struct GetAclRequestHeader {
  std::optional<std::string_view> subject;
};
BOOST_DESCRIBE_STRUCT(GetAclRequestHeader, (), (subject))

/// AUTH_LIST_ACL (3010).
struct ListAclsRequestHeader {
  std::optional<std::string_view> subject_filter;
  std::optional<std::string_view> resource_filter;
};
BOOST_DESCRIBE_STRUCT(ListAclsRequestHeader, (), (subject_filter, resource_filter))

}  // namespace ogive::protocol
