#pragma once
// Answers that many handlers give.

#include <string>

#include "base/error.h"
#include "protocol/codes.h"
#include "remoting/handler_table.h"

namespace ogive::namesrv {

inline remoting::Message success() {
  return remoting::Message(protocol::response_code::kSuccess);
}

inline remoting::Message success(std::string body) {
  remoting::Message message(protocol::response_code::kSuccess);
  message.body = std::move(body);
  return message;
}

/// The header lacks a field or has nonsense in it: clients know this as SYSTEM_ERROR with the reason in the remark.
inline remoting::Message bad_header(const Error& error) {
  return remoting::Message(protocol::response_code::kSystemError, error.message());
}

/// A name or value that no retry makes better.
inline remoting::Message invalid(const Error& error) {
  return remoting::Message(protocol::response_code::kInvalidParameter, error.message());
}

/// The operator has switched this request off.
inline remoting::Message disabled() {
  return remoting::Message(protocol::response_code::kSystemError, "disable");
}

}  // namespace ogive::namesrv
